# What people are told, in Dutch. en.ftl says what each message is for.

## Incidents

charger-fault = Storing aan laadpaal
    .means = De laadpaal meldt een storing en laadt niemand tot die voorbij is.
    .do = Kijk op het scherm of de webpagina van de laadpaal, herstart hem; komt de storing terug, bel de fabrikant.
connector-unavailable = Laadpunt niet beschikbaar
    .means = Het laadpunt meldt zich buiten gebruik, zonder een storing te noemen.
    .do = Misschien wordt eraan gewerkt. Zo niet: zet het in het backend op beschikbaar of herstart de laadpaal.
charger-offline = Laadpaal offline
    .means = De laadpaal heeft geen verbinding. Hij laadt misschien door en meldt later; op afstand starten kan niet.
    .do = Kijk eerst naar router en mobiel bereik van de locatie, dan naar de stroom van de laadpaal.
power-loss = Stroom uitgevallen
    .means = Een laadsessie eindigde omdat de stroom bij de laadpaal uitviel.
    .do = Kijk naar de automaat en de aardlekschakelaar van de laadpaal, dan naar de voeding van de locatie.
emergency-stop = Noodstop
    .means = Iemand heeft de noodstop ingedrukt. Er laadt niets tot die ter plaatse is ontgrendeld.
    .do = Zorg dat niemand in gevaar is. Zoek dan de oorzaak, ontgrendel de knop en herstart de laadpaal.
meter-anomaly = Meter meldt het onmogelijke
    .means = Meterstanden spreken elkaar of het vermogen van de laadpaal tegen. Wat niet te geloven is, wordt niet berekend.
    .do = Bekijk de bewijzen van de sessie. Gebeurt het vaker, laat de meter keuren.
messages-missing = Berichten van een sessie ontbreken
    .means = Volgens de nummering van de laadpaal zijn berichten van een sessie nooit aangekomen. Er is afgerekend met wat er wel kwam.
    .do = Gebeurt het weer, kijk dan naar de verbinding van de laadpaal en naar hoeveel berichten hij zonder verbinding bewaart.
clock-wrong = Klok van laadpaal loopt fout
    .means = De klok van de laadpaal wijkt meer af dan een trage verbinding verklaart. Zijn berichten staan in quarantaine.
    .do = Geef de laadpaal een tijdserver of herstart hem; haal daarna zijn berichten uit de quarantaine.
stuck-session = Sessie zonder einde
    .means = Van een lopende sessie is al een dag niets gehoord. Ze is niet beëindigd en niet afgerekend.
    .do = Kijk of er een voertuig staat. Stop de sessie of laat haar afrekenen met wat bekend is.
zero-energy = Sessies zonder energie
    .means = Bij dit laadpunt blijven voertuigen aangesloten en nemen geen energie op.
    .do = Probeer het laadpunt. Een versleten kabel, slecht contact of een limiet van nul zijn gebruikelijk.
failed-starts = Starts mislukken achter elkaar
    .means = Sessies bij dit laadpunt eindigen zodra ze begonnen zijn.
    .do = Probeer het laadpunt. Kijk naar kabel, stekker en vergrendeling; anders rijden bestuurders door.
stall-blocked = Laadplek geblokkeerd
    .means = Een voertuig is klaar met laden en nog aangesloten.
    .do = De bestuurder is ingelicht als dat kon. Kijk of anderen wachten.
site-storm = Veel laadpalen tegelijk gestoord
    .means = Meerdere laadpalen van deze locatie vielen binnen minuten uit; de oorzaak is wel één: stroom, netwerk of backend.
    .do = Kijk eerst naar voeding en router van de locatie. De laadpalen worden niet één voor één gemeld.
payment-failing = Kaarten achter elkaar geweigerd
    .means = Meerdere reserveringen achter elkaar zijn geweigerd. Zo worden ook gestolen kaartnummers geprobeerd.
    .do = Bekijk de weigeringen in Stripe. Lijken ze op elkaar, blokkeer hun bron met een Radar-regel.
capture-overdue = Een reservering vervalt bijna
    .means = Een reservering is niet op tijd vernieuwd of geïnd en vervalt over enkele uren.
    .do = Bekijk het logboek van settle, en of Stripe antwoordt.
billing-stopped = Sessies worden niet afgerekend
    .means = Beëindigde sessies wachten langer dan hoort. Er is nog geen geld verloren, maar er komt niets binnen.
    .do = Bekijk het logboek van settle en zijn mislukte berichten, en of Stripe antwoordt.
dispute = Betaling betwist
    .means = Een kaarthouder betwist wat een sessie kostte. Stripe houdt het geld vast tot dat is beslist.
    .do = Vraag de bewijzen van de sessie op en stuur ze voor de genoemde datum naar Stripe.
driver-asks = Een bestuurder meldt dat iets niet klopt
    .means = Een bestuurder heeft over zijn laadsessie geschreven, op de pagina ervan.
    .do = Bekijk de laadsessie: metingen, rekening en geld staan daar naast elkaar. Geef terug wat fout was, en antwoord als er een adres bij staat.
payment-unknown = Afloop van betaling onbekend
    .means = Stripe zegt al meer dan een uur niet wat er van een betaling is geworden. Er wordt opnieuw gevraagd; niets dubbel geïnd.
    .do = Kijk op de statuspagina van Stripe. Werkt Stripe, zoek de betaling daar op de naam van de sessie.
reconciliation-differs = Boeken en Stripe verschillen
    .means = Onze boeken en die van Stripe komen niet overeen.
    .do = Start de afstemming: die toont elk verschil en zijn herstel, eerst zonder het uit te voeren.
webhook-silence = Stripe stuurt niets
    .means = Stripe verplaatst geld en stuurt er geen bericht over.
    .do = Kijk in Stripe of de webhook aan staat en wat die antwoordt.
stripe-key-refused = Stripe weigert de sleutel
    .means = Stripe weigert onze sleutel. Tot dat is verholpen, wordt niets gereserveerd, geïnd of terugbetaald.
    .do = Kijk in Stripe of de sleutel is ingetrokken of een recht mist, en zet een geldige in het geheim.
dead-letters = Berichten niet verwerkt
    .means = Berichten zijn meermaals mislukt en opzij gelegd. Wat ze vroegen, is niet gedaan.
    .do = Bekijk het logboek van de functie van deze wachtrij, verhelp de oorzaak en leg de berichten terug.
alert-undeliverable = Meldingen bereiken niemand
    .means = Niemand wordt zeker bereikt: geen bevestigd e-mailadres, of het versturen mislukt.
    .do = Meld een e-mailadres aan voor de meldingen en bevestig het via de link in de mail van SNS.

## What chargers report

code-connector-lock = De stekker kon niet worden vergrendeld of ontgrendeld. Let op vuil en trek aan de kabel, dan op de motor.
code-vehicle-communication = Laadpaal en voertuig begrijpen elkaar niet. Probeer een ander voertuig; faalt dat ook, bekijk de kabel.
code-ground = Er lekt stroom naar aarde. Houd mensen weg van de kabel en laat een elektricien de isolatie meten.
code-temperature = Iets is te heet. Bekijk ventilatoren, filters en contacten; na afkoelen gaat het vanzelf verder.
code-internal = Elektronica of software van de laadpaal faalde. Herstart hem; komt het terug, bel de fabrikant.
code-local-list = De passenlijst van de laadpaal is verouderd. Stuur haar opnieuw; betalen met kaart heeft er geen last van.
code-other = De laadpaal noemt geen genormeerde reden. De code van de fabrikant zegt meer.
code-over-current = Er liep meer stroom dan mag. Een ander voertuig toont of het aan voertuig of laadpaal ligt.
code-over-voltage = De netspanning is te hoog. Laat de voeding meten.
code-under-voltage = De netspanning is te laag. Laat voeding en aansluitingen meten.
code-meter = De meter is niet te lezen. Zonder hem kan niets worden berekend; laat hem vervangen.
code-power-switch = De magneetschakelaar schakelt niet. Neem het laadpunt buiten gebruik en laat het vervangen.
code-reader = De kaart- of paslezer werkt niet. Bestuurders kunnen nog via de webpagina starten.
code-reset = De laadpaal kon zichzelf niet herstarten. Zet de stroom uit en aan.
code-signal = Het draadloze signaal is zwak. Een betere antenne of een kabel helpt.
code-emergency = De noodstop is ingedrukt.
code-authorisation = De bestuurder werd niet op tijd toegelaten. Bekijk de verbinding van de laadpaal met het backend.
code-vehicle-mode = Het voertuig is in een toestand waarin het niet laadt. Alleen de bestuurder kan dat veranderen.
code-cable-check = De isolatietest voor het laden mislukte. Bekijk kabel en stekker; probeer een ander voertuig.
code-pre-charge = Laadpaal en voertuig kwamen voor het laden niet op dezelfde spanning. Probeer een ander voertuig.
code-no-internet = De laadpaal bereikt het internet niet. Bekijk router en mobiel bereik.
code-pilot = De signaallijn tussen laadpaal en voertuig is gestoord. Bekijk de contacten van de stekker.
code-no-power = De voeding viel uit. Bekijk de automaten en de voeding van de locatie.
code-vehicle-contactor = De magneetschakelaar van het voertuig faalde. Alleen de garage kan helpen.
code-cable-hot = De kabel is te heet; er wordt langzamer of niet geladen. Bekijk contacten en koeling.
code-not-plugged = De stekker zit er niet helemaal in.
code-isolation = Isolatie of capaciteit is buiten de grenzen. Laat een elektricien laadpaal en kabel meten.
code-proximity = De laadpaal ziet niet of er iets is aangesloten. Bekijk de contacten van de stekker.
code-connector-voltage = Op een stekker staat spanning die er niet hoort. Neem het laadpunt meteen buiten gebruik.
code-latch = De grendel van de stekker is kapot. Laat de stekker vervangen.
code-cable-cut = De kabel is doorgesneden of gestolen. Neem het laadpunt buiten gebruik en beveilig het eind.

## How an incident is told

severity-low = Laag
severity-warning = Waarschuwing
severity-critical = Kritiek
event-opened = Nieuw
event-reminder = Nog open
event-escalated = Niemand heeft bevestigd
event-recovered = Voorbij
short = { $event }: { $title }, { $where }
short-recovered = Voorbij na { $minutes } min: { $title }, { $where }
subject = [plugtill] { $event }: { $title }, { $where }
billing = afrekening
connector = { $charger } laadpunt { $connector }
line-where = Waar: { $where }
line-severity = Ernst: { $severity }
line-since = Sinds: { $since }
line-lasted = Duur: { $minutes ->
    [one] 1 minuut
   *[other] { $minutes } minuten
}
line-count = Gezien: { $count } keer
line-reported = Gemeld: { $facts }
line-session = Sessie: { $session }
line-means = Wat het betekent: { $text }
line-do = Wat te doen: { $text }
line-code = { $code }: { $text }
line-acknowledge = Zeg dat u ernaar kijkt, dan wordt niemand meer herinnerd: { $link }
line-look = Alles wat erover bekend is: { $link }
digest-subject = [plugtill] { $site }: { $count ->
    [one] 1 kleinigheid
   *[other] { $count } kleinigheden
} van de laatste dag
digest-sms = { $site }: { $count ->
    [one] 1 kleinigheid
   *[other] { $count } kleinigheden
} van de laatste dag, per e-mail.
digest-head = Niets hiervan heeft haast. Het wordt eens per dag gemeld.
digest-line = { $title }, { $where }: { $count } keer, samen { $minutes } min

## The month

report-title = Maand in cijfers
report-sms = { $site }, { $month }: { $sessions } sessies, berekend { $billed }, ontvangen { $collected }. Meer per e-mail.
report-head = { $site }, { $month }
report-sessions = Laadsessies
report-energy = Energie in kWh
report-billed = Berekend, met belasting
report-tax = Waarvan belasting
report-collected = Van kaarten ontvangen
report-refunded = Teruggegeven
report-fees = Door Stripe en het platform gehouden
report-open = Nog open
report-uncollectable = Niet betaald
report-waived = Kwijtgescholden
report-file = Elke laadsessie, dag en boeking, als CSV, Excel of Parquet: { $link }
report-subject = [plugtill] { $site }: { $title }, { $month }
report-line = { $what }: { $figure }

## Drivers

driver-hold-declined = Uw kaart droeg de reservering bij { $charger } niet. Betaal aan het eind met een andere kaart:
driver-unpaid = Uw kaart heeft { $amount } voor het laden bij { $charger } niet betaald. Waarom, en andere kaart:
driver-reminder = Nog niet betaald: { $amount } voor het laden bij { $charger }. Betaal hier:
driver-balance-settled = Voldaan: voor het laden bij { $charger } staat niets open. Bon:
driver-refunded = Voor het laden bij { $charger } is geld terugbetaald. Bon:
driver-charging-complete = Uw voertuig bij { $charger } is klaar met laden. Tot nu toe te betalen:
driver-idle-soon = Koppel a.u.b. los bij { $charger }: over { $minutes } min begint een blokkeertarief. Meer:
driver-idle-running = Bij { $charger } loopt nu een blokkeertarief tot u loskoppelt. Tot nu toe te betalen:
driver-receipt-ready = Het laden bij { $charger } kostte { $amount }. Bon:

## The page of an incident

page-name = Uw naam
page-acknowledge = Ik kijk ernaar
page-acknowledged = { $by } kijkt ernaar, sinds { $since }.
