# Wat bestuurders op hun pagina's lezen, in het Nederlands: wat laden kost, waarom een rekening is wat zij is, wat er met het geld is gebeurd.

## A bill, line by line

bill-energy = Energie
bill-time = Laadtijd
bill-parking = Aangesloten zonder te laden
bill-flat = Kosten per laadsessie
bill-reservation = Reservering
bill-min-price = Tot de minimumprijs van een laadsessie
bill-max-price = Tot de maximumprijs van een laadsessie
bill-idle = Bezettoeslag
bill-no-charge = Niet berekend: te kort of te weinig energie
bill-tax-bound = Belasting, om de grens inclusief belasting te houden
bill-total = Totaal
bill-product = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, afgerond op { $amount }
bill-product-capped = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, begrensd op { $amount }
bill-once = 1 x { $price } { $currency }, afgerond op { $amount }
bill-percent = { $percent } %, afgerond op { $amount }
bill-measured = gemeten { $quantity } { $unit }, berekend in hele stappen
bill-estimated = de prijs veranderde tussen twee metingen: de energie ervoor en erna is naar de tijd geschat
bill-tariff-rate = het tarief noemt het percentage
bill-at-least = een laadsessie met dit tarief kost minstens { $amount }
bill-at-most = een laadsessie met dit tarief kost hoogstens { $amount }
bill-too-small = onder { $seconds } s of { $kwh } kWh wordt niets berekend; er is { $drawn } kWh geladen
bill-idle-connected = vanaf { $minutes } min na het aansluiten
bill-idle-grace = { $seconds } s gemeten, { $minutes } min gratis na elk einde van het laden
bill-quiet = gratis van { $from } tot { $until }, { $zone }
bill-occupied = zolang minstens { $percent } % van de aansluitingen op de locatie bezet was
bill-cap = nooit meer dan { $amount } per laadsessie
bill-element = tarief { $name }, element { $number }: { $when }
bill-element-unnamed = tarief, element { $number }: { $when }
bill-always = altijd
bill-included = in { $base } zit { $percent } % { $name }: { $amount }
bill-idle-span = aangesloten zonder te laden van { $from } tot { $to }, volgens { $evidence }
bill-clock = tijd en bezet houden worden niet berekend: de klok van de laadpaal is daarvoor niet gecertificeerd
evidence-status = de melding van de laadpaal
evidence-stopped = het einde van de sessie met de aansluiting nog bezet
evidence-flat = een meterstand die niet meer opliep
unit-kwh = kWh
unit-hour = h
unit-minute = min
unit-session = laadsessie

## When a price holds

when-from = vanaf { $value }
when-until = tot { $value }
when-since = vanaf { $value }
when-before = vóór { $value }
when-on = { $value }
when-least = vanaf { $value }
when-below = onder { $value }
when-after = na { $value }
when-first = in de eerste { $value }
day-monday = ma
day-tuesday = di
day-wednesday = wo
day-thursday = do
day-friday = vr
day-saturday = za
day-sunday = zo

## What charging costs, before it begins

offer-energy = per kWh
offer-time = per minuut laden
offer-flat = per laadsessie
offer-parking = per minuut zonder te laden
offer-at-least = Een laadsessie kost minstens { $amount }.
offer-at-most = Een laadsessie kost hoogstens { $amount }.
offer-too-small = Een laadsessie onder { $seconds } s of { $kwh } kWh kost niets.
offer-with-taxes = Prijzen inclusief belastingen.
offer-with = Prijzen inclusief { $taxes }.
offer-and = en
offer-idle = { $amount } per minuut { $when }
offer-idle-occupied = { $amount } per minuut { $when }, zolang minstens { $percent } % van de aansluitingen bezet is
offer-idle-after = vanaf { $minutes } minuten na het einde van het laden
offer-idle-connected = vanaf { $minutes } minuten na het aansluiten
offer-quiet = gratis van { $from } tot { $until }
offer-waived = gratis voor wie binnen { $minutes } minuten vertrekt
offer-cap = hoogstens { $amount } per laadsessie
offer-example = Bijvoorbeeld { $kwh } kWh vanaf nu, op vol vermogen { $minutes } minuten:
offer-staying = Blijven staan na het laden: { $rules }

## What became of the money

moved-charged = van uw kaart afgeschreven
moved-paid = door u betaald
moved-refunded = op uw kaart teruggestort
moved-held = op uw kaart gereserveerd
moved-raised = reservering verhoogd
moved-released = reservering vrijgegeven
move-done = gedaan
move-refused = door de bank geweigerd
move-underway = onderweg
tax = Belasting
tax-included = { $name }, inbegrepen
closed = de laadpaal heeft het einde nooit gemeld; berekend tot { $at }, want { $cause }
closed-next-session = de volgende laadsessie begon op deze aansluiting
closed-unplugged = de aansluiting werd vrij gemeld
closed-silence = van de laadpaal werd niets meer gehoord
closed-operator = de exploitant heeft gekeken en vond haar afgelopen
reason-nothing-due = niets te betalen
reason-below-minimum = onder het kleinste bedrag dat kan worden afgeschreven
reason-no-payment-method = geen betaalmiddel bij deze laadpas
reason-declined = geweigerd: { $code }
reason-above-limit = boven de grens die u heeft gesteld
reason-taken-elsewhere = bij Stripe is een ander bedrag afgeschreven
reason-forgiven = kwijtgescholden: { $why }
reason-dispute-lost = betwisting door de bank beslist: { $why }
reason-late-waived = latere meetwaarden: het verschil is kwijtgescholden
reason-late-charged = latere meetwaarden: gecorrigeerd, het verschil is afgeschreven
reason-late-refunded = latere meetwaarden: gecorrigeerd, het verschil is terugbetaald
reason-register-fell = de meterstand daalde
reason-register-jumped = de meterstand steeg meer dan de aansluiting kan leveren
reason-stop-before-start = het einde ligt vóór het begin
reason-no-start = het begin ontbreekt in de meetwaarden
reason-signature-wrong = een ondertekende meetwaarde draagt niet de handtekening van haar meter
reason-signed-differs = de meter heeft een andere energie ondertekend dan de laadpaal meldt
reason-too-large = het bedrag is te groot voor een laadsessie
signed-verified = gecontroleerd
signed-wrong = de handtekening is niet die van de meter
signed-no-key = niet gecontroleerd: de laadpaal heeft geen publieke sleutel gestuurd
signed-unreadable = niet gecontroleerd: { $why }

## A stall

stall-title = { $site }, laadpaal { $charger }, aansluiting { $connector }
stall-price = Prijs
stall-unpriced = Deze aansluiting heeft op dit moment geen prijs en kan hier niet worden betaald. Vraag het de exploitant.
stall-questions = Vragen: { $contact }
stall-now = Nu
stall-free = Deze aansluiting is vrij.
stall-waits = Er is een voertuig aangesloten dat nog niet laadt.
stall-charges = Hier laadt een voertuig.
stall-charged = Hier heeft een voertuig geladen; het is nog aangesloten.
stall-reserved = Deze aansluiting is gereserveerd.
stall-broken = Deze aansluiting is op dit moment buiten gebruik. Neem alstublieft een andere.
stall-silent = Van deze aansluiting is de laatste tijd niets gehoord: of zij vrij is, ziet u ter plekke.
stall-cut-off = De laadpaal is op dit moment niet verbonden. Neem een andere.
stall-not-now = Niemand kan hier nu beginnen met laden. Deze pagina kijkt vanzelf opnieuw.
stall-after = Als het voertuig geladen heeft
stall-stay-free = Aangesloten blijven kost niets.
stall-stay-costs = Aangesloten blijven kost { $rules }.
stall-fee-now = Op dit uur geldt de toeslag.
stall-no-fee-now = Op dit uur kost blijven staan niets.
stall-pay = Laden en betalen met kaart
stall-hold = { $amount } wordt nu op uw kaart gereserveerd. Wat het laden kost, wordt daar aan het einde van afgeschreven; de rest komt vrij.
stall-limits = Vanzelf stoppen, of bericht krijgen per sms
stall-limit-money = Stoppen als het zoveel kost
stall-limit-kwh = Stoppen na zoveel kWh
stall-limit-minutes = Stoppen na zoveel minuten
stall-phone = Stuur naar dit telefoonnummer bericht als er geladen is, vóór een bezettoeslag, en van het bonnetje
pay-by-card = Betalen met kaart

## A payment before charging

checkout-open = Wij wachten op uw betaling
    .what = Rond de betaalpagina af en kom dan hier terug.
checkout-confirmed = Uw betaling wordt bevestigd
    .what = Dit duurt enkele seconden. De pagina gaat vanzelf verder.
checkout-held = Aansluiten en starten
    .what = { $amount } is op uw kaart gereserveerd. Sluit aan op laadpaal { $charger }, aansluiting { $connector }, vóór { $until }; anders komt de reservering vrij.
checkout-started = Aan het laden
    .what = Uw laadsessie is begonnen.
checkout-released = Reservering vrijgegeven
    .what = Het laden begon niet op tijd. { $amount } is weer vrij; bij uw bank kan het enkele dagen duren voordat u dat ziet.
checkout-paid = Betaald
    .what = Dank u: er staat niets meer open.
checkout-saved = Kaart opgeslagen
    .what = Dank u.
checkout-expired = Niet betaald
    .what = De betaalpagina is verlaten of gesloten. Er is niets afgeschreven.
checkout-session = Naar de laadsessie en het bonnetje
card-save = Kaart opslaan
card-what = Laden bij { $site } wordt dan met deze kaart betaald, telkens als uw laadpas het start. U geeft de kaart op de pagina van Stripe; niemand anders ziet haar. Nu wordt niets afgeschreven.

## A session

session-title = Uw laadsessie
receipt-title = Bon { $number }
session-unbilled = De rekening wordt gemaakt als de laadsessie is afgelopen.
session-cost = Wat het heeft gekost
session-note = Opmerking: { $text }.
session-data = Hetzelfde als gegevens (JSON)
session-signed = Wat de meter heeft ondertekend
session-signed-reading = meting
session-signed-file = Downloaden, om met de transparantiesoftware te controleren
session-owed = Nog te betalen:
session-by = Geleverd door
session-address = Adres
session-tax-id = Belastingnummer
session-contact = Vragen
session-place = Plaats
session-from = Van
session-until = Tot
session-energy = Energie in kWh
session-for = Voor
session-card = Uw kaart
session-credit = Creditnota { $number }
outcome-open = De laadsessie is nog niet afgerekend.
outcome-captured = Betaald.
outcome-waived = Er is niets te betalen.
outcome-uncollectable = Nog niet betaald.
outcome-quarantined = De metingen van de laadpaal spreken elkaar tegen. Er wordt niets afgeschreven totdat iemand heeft gekeken.
live-so-far = tot nu toe, om { $at }
live-energy = Energie
live-power = Vermogen
live-time = Tijd
live-held = Op uw kaart gereserveerd
live-why = Waarom
live-charged = Uw voertuig heeft geladen.
live-fee-runs = Er loopt een bezettoeslag tot het is losgekoppeld.
live-fee-begins = { $minutes ->
    [one] Over een minuut begint een bezettoeslag: koppel het alstublieft los.
   *[other] Over { $minutes } minuten begint een bezettoeslag: koppel het alstublieft los.
}
live-please-leave = Koppel het alstublieft snel los, want anderen wachten op de plek.

## Something is wrong with a session

ask-title = Klopt er iets niet?
ask-what = Vertel de exploitant wat er niet klopt. Hij ziet uw laadsessie met de metingen en antwoordt u.
ask-words = Wat er niet klopt
ask-reach = Hoe u bereikbaar bent (e-mail of telefoon), als u antwoord wilt
ask-send = Naar de exploitant sturen
ask-sent = De exploitant weet het sinds { $at }. U hoeft het niet nog eens te sturen.

## When something cannot be done

wrong-title = Dat is niet gelukt
wrong-nothing-here = Op dit adres is niets. Scan de code op de laadpaal nog eens.
wrong-no-stall = Deze aansluiting bestaat niet. Kijk nog eens op het label: de naam van de laadpaal en het nummer van de aansluiting.
wrong-nothing-owed = Voor deze laadsessie staat niets open.
wrong-no-page = De betaalpagina gaat niet open. Er is niets afgeschreven; probeer het alstublieft nog eens.
wrong-store = Dit gaat op dit moment niet. Er is niets afgeschreven; probeer het over een minuut nog eens.
wrong-stripe = De betaalpagina gaat op dit moment niet open. Er is niets afgeschreven; probeer het over een minuut nog eens.
wrong-charger = charger: geen laadpaal „{ $value }” neemt hier betalingen aan; kijk nog eens op het label
wrong-connector = connector: deze laadpaal heeft geen aansluiting { $value }; kijk nog eens op het label
wrong-no-price = charger: { $value } heeft op dit moment geen prijs; vraag het de exploitant
wrong-token = token: is al eens getrokken; probeer het alstublieft nog eens
wrong-phone = phone: „{ $value }” is geen telefoonnummer; schrijf het als +49 151 12345678
wrong-money = money: „{ $value }” is geen grens; schrijf een bedrag zoals 15.00
wrong-kwh = kwh: „{ $value }” is geen grens; schrijf kilowatturen zoals 20
wrong-minutes = minutes: „{ $value }” is geen grens; schrijf minuten zoals 90
wrong-by = by: is leeg; schrijf wie zich erom bekommert, zodat anderen weten wie zij moeten vragen
wrong-fee = amount: „{ $value }” kan hier niet worden betaald; vraag het de exploitant
wrong-empty = words: is leeg; schrijf wat er niet klopt, zodat de exploitant kan helpen
language = Taal
