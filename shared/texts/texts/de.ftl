# What people are told, in German. en.ftl says what each message is for.

## Incidents

charger-fault = Störung an der Ladestation
    .means = Die Ladestation meldet eine Störung und lädt niemanden, bis sie behoben ist.
    .do = Anzeige oder Webseite der Station ansehen, neu starten; kommt die Störung wieder, den Hersteller rufen.
connector-unavailable = Ladepunkt nicht verfügbar
    .means = Der Ladepunkt meldet sich außer Betrieb, ohne eine Störung zu nennen.
    .do = Vielleicht wird daran gearbeitet. Wenn nicht: im Backend auf verfügbar stellen oder die Station neu starten.
charger-offline = Ladestation offline
    .means = Die Station hat keine Verbindung. Sie lädt vielleicht weiter und meldet später; Starten aus der Ferne geht nicht.
    .do = Zuerst Router und Mobilfunk am Standort prüfen, dann die Stromversorgung der Station.
power-loss = Strom ausgefallen
    .means = Ein Ladevorgang endete, weil an der Station der Strom ausfiel.
    .do = Leitungsschutz- und Fehlerstromschutzschalter der Station prüfen, dann die Versorgung des Standorts.
emergency-stop = Not-Aus gedrückt
    .means = Jemand hat den Not-Aus gedrückt. Bis er vor Ort gelöst ist, lädt nichts.
    .do = Sicherstellen, dass niemand in Gefahr ist. Dann Ursache klären, Taster lösen und die Station neu starten.
meter-anomaly = Zähler meldet Unmögliches
    .means = Zählerstände widersprechen einander oder der Leistung der Station. Unglaubhaftes wird nicht abgerechnet.
    .do = Die Belege des Ladevorgangs ansehen. Im Wiederholungsfall den Zähler prüfen lassen.
messages-missing = Nachrichten einer Sitzung fehlen
    .means = Nach der Zählung der Ladestation sind Nachrichten einer Sitzung nie angekommen. Abgerechnet ist nach denen, die kamen.
    .do = Falls es sich wiederholt, die Verbindung der Ladestation ansehen und wie viele Nachrichten sie ohne Verbindung aufbewahrt.
clock-wrong = Uhr der Station geht falsch
    .means = Die Uhr der Station weicht stärker ab, als eine langsame Verbindung erklärt. Ihre Nachrichten sind in Quarantäne.
    .do = Der Station einen Zeitserver geben oder sie neu starten; danach ihre Nachrichten aus der Quarantäne freigeben.
stuck-session = Ladevorgang ohne Ende
    .means = Von einem laufenden Ladevorgang ist seit einem Tag nichts zu hören. Er ist weder beendet noch abgerechnet.
    .do = Nachsehen, ob ein Fahrzeug dort steht. Den Vorgang beenden oder mit dem Bekannten abrechnen lassen.
zero-energy = Ladevorgänge ohne Energie
    .means = An diesem Ladepunkt bleiben Fahrzeuge angesteckt und nehmen keine Energie auf.
    .do = Den Ladepunkt ausprobieren. Üblich sind ein verschlissenes Kabel, schlechter Kontakt oder ein Limit von null.
failed-starts = Starts schlagen fehl
    .means = Ladevorgänge an diesem Ladepunkt enden, kaum dass sie begonnen haben.
    .do = Den Ladepunkt ausprobieren. Kabel, Stecker und Verriegelung ansehen; Fahrer fahren sonst weiter.
stall-blocked = Ladeplatz ist blockiert
    .means = Ein Fahrzeug ist fertig geladen und noch angesteckt.
    .do = Der Fahrer wurde benachrichtigt, wenn das möglich war. Nachsehen, ob andere warten.
site-storm = Viele Stationen zugleich gestört
    .means = Mehrere Stationen des Standorts fielen binnen Minuten aus; die Ursache ist wohl eine: Strom, Netz oder Backend.
    .do = Zuerst Stromversorgung und Router des Standorts prüfen. Die Stationen werden nicht einzeln gemeldet.
payment-failing = Karten werden reihenweise abgelehnt
    .means = Mehrere Vorautorisierungen nacheinander wurden abgelehnt. So werden auch gestohlene Kartennummern erprobt.
    .do = Die Ablehnungen in Stripe ansehen. Gleichen sie sich, ihre Quelle mit einer Radar-Regel sperren.
capture-overdue = Vorautorisierung verfällt bald
    .means = Eine Vorautorisierung wurde nicht rechtzeitig erneuert oder eingezogen und verfällt in einigen Stunden.
    .do = Das Protokoll von settle ansehen, und ob Stripe antwortet.
billing-stopped = Abrechnung steht still
    .means = Beendete Ladevorgänge warten länger als vorgesehen. Noch ist kein Geld verloren, aber es kommt keines herein.
    .do = Das Protokoll von settle und seine unzustellbaren Nachrichten ansehen, und ob Stripe antwortet.
dispute = Zahlung angefochten
    .means = Ein Karteninhaber ficht an, was ein Ladevorgang gekostet hat. Stripe behält das Geld, bis entschieden ist.
    .do = Die Belege des Ladevorgangs abrufen und vor der genannten Frist an Stripe senden.
driver-asks = Jemand meldet ein Problem mit einem Ladevorgang
    .means = Jemand hat auf der Seite des eigenen Ladevorgangs geschrieben, dass etwas nicht stimmt.
    .do = Sehen Sie den Ladevorgang an: Messwerte, Rechnung und Geld stehen dort nebeneinander. Erstatten Sie, was falsch war, und antworten Sie, wenn eine Adresse dabei ist.
payment-unknown = Ausgang einer Zahlung unbekannt
    .means = Stripe sagt seit über einer Stunde nicht, was aus einer Zahlung wurde. Nachgefragt wird; doppelt genommen nichts.
    .do = Die Statusseite von Stripe ansehen. Läuft Stripe, dort die Zahlung unter dem Namen des Ladevorgangs suchen.
reconciliation-differs = Bücher und Stripe weichen ab
    .means = Unsere Bücher und die von Stripe stimmen nicht überein.
    .do = Den Abgleich starten: er zeigt jede Abweichung und ihre Berichtigung, zunächst ohne sie auszuführen.
webhook-silence = Stripe sendet keine Ereignisse
    .means = Stripe bewegt Geld und sendet kein Ereignis darüber.
    .do = In Stripe nachsehen, ob der Webhook eingeschaltet ist und was er antwortet.
stripe-key-refused = Stripe lehnt den Schlüssel ab
    .means = Stripe lehnt unseren Schlüssel ab. Bis das behoben ist, wird nichts vorgemerkt, eingezogen oder erstattet.
    .do = In Stripe nachsehen, ob der Schlüssel widerrufen ist oder ein Recht fehlt, und einen gültigen hinterlegen.
dead-letters = Nachrichten nicht verarbeitet
    .means = Nachrichten sind mehrfach gescheitert und wurden beiseitegelegt. Was sie verlangten, ist nicht geschehen.
    .do = Das Protokoll der Funktion dieser Warteschlange ansehen, die Ursache beheben und die Nachrichten zurücklegen.
alert-undeliverable = Meldungen erreichen niemanden
    .means = Niemand wird sicher erreicht: keine bestätigte E-Mail-Anmeldung, oder das Senden schlägt fehl.
    .do = Eine E-Mail-Adresse für die Meldungen anmelden und über den Link in der Mail von SNS bestätigen.

## What chargers report

code-connector-lock = Der Stecker ließ sich nicht ver- oder entriegeln. Auf Schmutz und Zug am Kabel achten, dann auf den Motor.
code-vehicle-communication = Station und Fahrzeug verstehen sich nicht. Ein anderes Fahrzeug versuchen; scheitert es auch, das Kabel prüfen.
code-ground = Es fließt Strom zur Erde. Menschen vom Kabel fernhalten und die Isolation von einer Elektrofachkraft messen lassen.
code-temperature = Etwas ist zu heiß. Lüfter, Filter und Kontakte ansehen; nach dem Abkühlen geht es von selbst weiter.
code-internal = Elektronik oder Software der Station hat versagt. Neu starten; kommt es wieder, den Hersteller rufen.
code-local-list = Die Kartenliste der Station ist veraltet. Neu senden; Kartenzahlung ist nicht betroffen.
code-other = Die Station nennt keinen genormten Grund. Der Code des Herstellers sagt mehr.
code-over-current = Es floss mehr Strom als erlaubt. Ein anderes Fahrzeug zeigt, ob Fahrzeug oder Station schuld ist.
code-over-voltage = Die Netzspannung ist zu hoch. Die Versorgung messen lassen.
code-under-voltage = Die Netzspannung ist zu niedrig. Versorgung und Anschlüsse messen lassen.
code-meter = Der Zähler ist nicht lesbar. Ohne ihn kann nichts abgerechnet werden; austauschen lassen.
code-power-switch = Das Schütz schaltet nicht. Ladepunkt außer Betrieb nehmen und austauschen lassen.
code-reader = Der Kartenleser geht nicht. Über die Webseite können Fahrer weiterhin starten.
code-reset = Die Station konnte sich nicht neu starten. Den Strom aus- und einschalten.
code-signal = Das Funksignal ist schwach. Eine bessere Antenne oder eine Leitung hilft.
code-emergency = Der Not-Aus ist gedrückt.
code-authorisation = Der Fahrer wurde nicht rechtzeitig freigegeben. Die Verbindung der Station zum Backend prüfen.
code-vehicle-mode = Das Fahrzeug ist in einem Zustand, in dem es nicht lädt. Das kann nur der Fahrer ändern.
code-cable-check = Die Isolationsprüfung vor dem Laden ist gescheitert. Kabel und Stecker ansehen; ein anderes Fahrzeug versuchen.
code-pre-charge = Station und Fahrzeug kamen vor dem Laden nicht auf dieselbe Spannung. Ein anderes Fahrzeug versuchen.
code-no-internet = Die Station erreicht das Internet nicht. Router und Mobilfunk prüfen.
code-pilot = Die Signalleitung zwischen Station und Fahrzeug ist gestört. Die Kontakte des Steckers ansehen.
code-no-power = Die Versorgung ist ausgefallen. Schutzschalter und Versorgung des Standorts prüfen.
code-vehicle-contactor = Das Schütz des Fahrzeugs hat versagt. Da hilft nur seine Werkstatt.
code-cable-hot = Das Kabel ist zu heiß; es wird langsamer oder nicht geladen. Kontakte und Kühlung ansehen.
code-not-plugged = Der Stecker steckt nicht ganz.
code-isolation = Isolation oder Kapazität liegt außerhalb der Grenzen. Station und Kabel von einer Elektrofachkraft messen lassen.
code-proximity = Die Station erkennt nicht, ob etwas steckt. Die Kontakte des Steckers ansehen.
code-connector-voltage = An einem Stecker liegt Spannung, der keine haben darf. Den Ladepunkt sofort außer Betrieb nehmen.
code-latch = Die Verriegelung des Steckers ist gebrochen. Den Stecker austauschen lassen.
code-cable-cut = Das Kabel ist durchtrennt oder gestohlen. Ladepunkt außer Betrieb nehmen und das Ende sichern.

## How an incident is told

severity-low = Gering
severity-warning = Warnung
severity-critical = Kritisch
event-opened = Neu
event-reminder = Weiter offen
event-escalated = Niemand hat bestätigt
event-recovered = Vorbei
short = { $event }: { $title }, { $where }
short-recovered = Vorbei nach { $minutes } min: { $title }, { $where }
subject = [plugtill] { $event }: { $title }, { $where }
billing = Abrechnung
connector = { $charger } Ladepunkt { $connector }
line-where = Wo: { $where }
line-severity = Dringlichkeit: { $severity }
line-since = Seit: { $since }
line-lasted = Dauer: { $minutes ->
    [one] 1 Minute
   *[other] { $minutes } Minuten
}
line-count = Gesehen: { $count }-mal
line-reported = Gemeldet: { $facts }
line-session = Ladevorgang: { $session }
line-means = Was es bedeutet: { $text }
line-do = Was zu tun ist: { $text }
line-code = { $code }: { $text }
line-acknowledge = Bestätigen, dass sich jemand kümmert; dann wird nicht mehr erinnert: { $link }
line-look = Alles, was darüber bekannt ist: { $link }
digest-subject = [plugtill] { $site }: { $count ->
    [one] 1 Kleinigkeit
   *[other] { $count } Kleinigkeiten
} des letzten Tages
digest-sms = { $site }: { $count ->
    [one] 1 Kleinigkeit
   *[other] { $count } Kleinigkeiten
} des letzten Tages, per E-Mail.
digest-head = Nichts davon eilt. Es wird einmal am Tag gemeldet.
digest-line = { $title }, { $where }: { $count }-mal, zusammen { $minutes } min

## The month

report-title = Monat in Zahlen
report-sms = { $site }, { $month }: { $sessions } Vorgänge, berechnet { $billed }, eingenommen { $collected }. Mehr per E-Mail.
report-head = { $site }, { $month }
report-sessions = Ladevorgänge
report-energy = Energie in kWh
report-billed = Berechnet, mit Steuer
report-tax = Davon Steuer
report-collected = Von Karten eingenommen
report-refunded = Erstattet
report-fees = Von Stripe und der Plattform einbehalten
report-open = Noch offen
report-uncollectable = Nicht bezahlt
report-waived = Erlassen
report-file = Jeder Ladevorgang, Tag und Buchungssatz, als CSV, Excel oder Parquet: { $link }
report-subject = [plugtill] { $site }: { $title }, { $month }
report-line = { $what }: { $figure }

## Drivers

driver-hold-declined = Ihre Karte trug die Vorautorisierung an { $charger } nicht. Am Ende mit anderer Karte zahlen:
driver-unpaid = Ihre Karte hat { $amount } für das Laden an { $charger } nicht bezahlt. Warum, und andere Karte:
driver-reminder = Noch unbezahlt: { $amount } für das Laden an { $charger }. Hier zahlen:
driver-balance-settled = Erledigt: für das Laden an { $charger } ist nichts offen. Beleg:
driver-refunded = Für das Laden an { $charger } wurde Geld erstattet. Beleg:
driver-charging-complete = Ihr Fahrzeug an { $charger } ist fertig geladen. Bisher zu zahlen:
driver-idle-soon = Bitte an { $charger } abstecken: in { $minutes } min beginnt eine Blockiergebühr. Mehr:
driver-idle-running = An { $charger } läuft nun eine Blockiergebühr, bis Sie abstecken. Bisher zu zahlen:
driver-receipt-ready = Das Laden an { $charger } kostete { $amount }. Beleg:

## The page of an incident

page-name = Ihr Name
page-acknowledge = Ich kümmere mich
page-acknowledged = { $by } kümmert sich darum, seit { $since }.
