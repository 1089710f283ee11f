# Was Fahrende auf ihren Seiten lesen, auf Deutsch: was das Laden kostet, warum eine Rechnung so ist, was aus dem Geld wurde.

## A bill, line by line

bill-energy = Energie
bill-time = Ladezeit
bill-parking = Angesteckt ohne zu laden
bill-flat = Gebühr je Ladevorgang
bill-reservation = Reservierung
bill-min-price = Bis zum Mindestpreis eines Ladevorgangs
bill-max-price = Bis zum Höchstpreis eines Ladevorgangs
bill-idle = Blockiergebühr
bill-no-charge = Nicht berechnet: zu kurz oder zu wenig Energie
bill-tax-bound = Steuer, damit die Grenze mit Steuer gilt
bill-total = Summe
bill-product = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, gerundet auf { $amount }
bill-product-capped = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, begrenzt auf { $amount }
bill-once = 1 x { $price } { $currency }, gerundet auf { $amount }
bill-percent = { $percent } %, gerundet auf { $amount }
bill-measured = gemessen { $quantity } { $unit }, berechnet in ganzen Schritten
bill-estimated = der Preis wechselte zwischen zwei Messungen: die Energie davor und danach ist nach der Zeit geschätzt
bill-tariff-rate = der Tarif nennt den Satz
bill-at-least = ein Ladevorgang kostet nach diesem Tarif mindestens { $amount }
bill-at-most = ein Ladevorgang kostet nach diesem Tarif höchstens { $amount }
bill-too-small = unter { $seconds } s oder { $kwh } kWh wird nichts berechnet; geladen wurden { $drawn } kWh
bill-idle-connected = ab { $minutes } min nach dem Anstecken
bill-idle-grace = { $seconds } s gemessen, { $minutes } min frei nach jedem Ende des Ladens
bill-quiet = frei von { $from } bis { $until }, { $zone }
bill-occupied = solange mindestens { $percent } % der Ladepunkte des Standorts belegt waren
bill-cap = nie mehr als { $amount } je Ladevorgang
bill-element = Tarif { $name }, Element { $number }: { $when }
bill-element-unnamed = Tarif, Element { $number }: { $when }
bill-always = immer
bill-included = in { $base } sind { $percent } % { $name } enthalten: { $amount }
bill-idle-span = angesteckt ohne zu laden von { $from } bis { $to }, erkannt durch { $evidence }
bill-clock = Zeit und Blockieren werden nicht berechnet: die Uhr der Ladesäule ist dafür nicht geeicht
evidence-status = die Meldung der Ladesäule
evidence-stopped = das Ende des Vorgangs bei noch belegtem Ladepunkt
evidence-flat = einen Zählerstand, der nicht mehr stieg
unit-kwh = kWh
unit-hour = h
unit-minute = min
unit-session = Ladevorgang

## When a price holds

when-from = ab { $value }
when-until = bis { $value }
when-since = ab { $value }
when-before = vor { $value }
when-on = { $value }
when-least = ab { $value }
when-below = unter { $value }
when-after = nach { $value }
when-first = in den ersten { $value }
day-monday = Mo
day-tuesday = Di
day-wednesday = Mi
day-thursday = Do
day-friday = Fr
day-saturday = Sa
day-sunday = So

## What charging costs, before it begins

offer-energy = je kWh
offer-time = je Minute Laden
offer-flat = je Ladevorgang
offer-parking = je Minute ohne zu laden
offer-at-least = Ein Ladevorgang kostet mindestens { $amount }.
offer-at-most = Ein Ladevorgang kostet höchstens { $amount }.
offer-too-small = Ein Ladevorgang unter { $seconds } s oder { $kwh } kWh kostet nichts.
offer-with-taxes = Preise einschließlich Steuern.
offer-with = Preise einschließlich { $taxes }.
offer-and = und
offer-idle = { $amount } je Minute { $when }
offer-idle-occupied = { $amount } je Minute { $when }, solange mindestens { $percent } % der Ladepunkte belegt sind
offer-idle-after = ab { $minutes } Minuten nach dem Ende des Ladens
offer-idle-connected = ab { $minutes } Minuten nach dem Anstecken
offer-quiet = frei von { $from } bis { $until }
offer-waived = frei, wer binnen { $minutes } Minuten wegfährt
offer-cap = höchstens { $amount } je Ladevorgang
offer-example = Zum Beispiel { $kwh } kWh ab jetzt, bei voller Leistung { $minutes } Minuten:
offer-staying = Stehen nach dem Laden: { $rules }

## What became of the money

moved-charged = von Ihrer Karte abgebucht
moved-paid = von Ihnen bezahlt
moved-refunded = Ihrer Karte gutgeschrieben
moved-held = auf Ihrer Karte reserviert
moved-raised = Reservierung erhöht
moved-released = Reservierung freigegeben
move-done = erledigt
move-refused = von der Bank abgelehnt
move-underway = unterwegs
tax = Steuer
tax-included = { $name }, enthalten
closed = die Ladesäule hat das Ende nie gemeldet; berechnet bis { $at }, denn { $cause }
closed-next-session = der nächste Ladevorgang begann an diesem Ladepunkt
closed-unplugged = der Ladepunkt wurde frei gemeldet
closed-silence = von der Ladesäule war nichts mehr zu hören
closed-operator = der Betreiber hat nachgesehen und ihn beendet gefunden
reason-nothing-due = nichts zu zahlen
reason-below-minimum = unter dem kleinsten Betrag, der abgebucht werden kann
reason-no-payment-method = kein Zahlungsmittel zu dieser Ladekarte
reason-declined = abgelehnt: { $code }
reason-above-limit = über der Grenze, die Sie gesetzt haben
reason-taken-elsewhere = bei Stripe wurde ein anderer Betrag abgebucht
reason-forgiven = erlassen: { $why }
reason-dispute-lost = Einspruch bei der Bank entschieden: { $why }
reason-late-waived = spätere Messwerte: der Unterschied wird erlassen
reason-late-charged = spätere Messwerte: berichtigt, der Unterschied wurde abgebucht
reason-late-refunded = spätere Messwerte: berichtigt, der Unterschied wurde erstattet
reason-register-fell = der Zählerstand fiel
reason-register-jumped = der Zählerstand stieg mehr, als der Ladepunkt liefern kann
reason-stop-before-start = das Ende liegt vor dem Beginn
reason-no-start = der Beginn fehlt in den Messwerten
reason-signature-wrong = ein signierter Messwert trägt nicht die Signatur seines Zählers
reason-signed-differs = der Zähler hat eine andere Energie signiert, als die Ladesäule meldet
reason-too-large = der Betrag ist zu groß für einen Ladevorgang
signed-verified = geprüft
signed-wrong = die Signatur ist nicht die des Zählers
signed-no-key = nicht geprüft: die Ladesäule hat keinen öffentlichen Schlüssel gesendet
signed-unreadable = nicht geprüft: { $why }

## A stall

stall-title = { $site }, Ladesäule { $charger }, Ladepunkt { $connector }
stall-price = Preis
stall-unpriced = Dieser Ladepunkt hat gerade keinen Preis und kann hier nicht bezahlt werden. Bitte fragen Sie den Betreiber.
stall-questions = Fragen: { $contact }
stall-now = Jetzt
stall-free = Dieser Ladepunkt ist frei.
stall-waits = Ein Fahrzeug ist angesteckt und lädt noch nicht.
stall-charges = Hier lädt gerade ein Fahrzeug.
stall-charged = Hier hat ein Fahrzeug geladen und ist noch angesteckt.
stall-reserved = Dieser Ladepunkt ist reserviert.
stall-broken = Dieser Ladepunkt ist gerade außer Betrieb. Bitte nehmen Sie einen anderen.
stall-silent = Von diesem Ladepunkt war länger nichts zu hören: ob er frei ist, sehen Sie vor Ort.
stall-cut-off = Die Ladestation ist zurzeit nicht verbunden. Bitte nehmen Sie eine andere.
stall-not-now = Hier kann zurzeit niemand zu laden beginnen. Diese Seite sieht von selbst wieder nach.
stall-after = Wenn das Fahrzeug geladen hat
stall-stay-free = Angesteckt zu bleiben kostet nichts.
stall-stay-costs = Angesteckt zu bleiben kostet { $rules }.
stall-fee-now = Zu dieser Stunde gilt die Gebühr.
stall-no-fee-now = Zu dieser Stunde kostet das Stehen nichts.
stall-pay = Laden und mit Karte zahlen
stall-hold = { $amount } werden jetzt auf Ihrer Karte reserviert. Was das Laden kostet, wird am Ende davon abgebucht, der Rest freigegeben.
stall-limits = Von selbst beenden, oder per SMS benachrichtigt werden
stall-limit-money = Beenden, wenn es so viel kostet
stall-limit-kwh = Beenden nach so vielen kWh
stall-limit-minutes = Beenden nach so vielen Minuten
stall-phone = An diese Telefonnummer melden, wenn geladen ist, vor einer Blockiergebühr, und den Beleg
pay-by-card = Mit Karte zahlen

## A payment before charging

checkout-open = Wir warten auf Ihre Zahlung
    .what = Schließen Sie die Zahlungsseite ab und kommen Sie hierher zurück.
checkout-confirmed = Ihre Zahlung wird bestätigt
    .what = Das dauert einige Sekunden. Die Seite geht von selbst weiter.
checkout-held = Anstecken und starten
    .what = { $amount } sind auf Ihrer Karte reserviert. Stecken Sie an Ladesäule { $charger }, Ladepunkt { $connector }, vor { $until } an; sonst wird die Reservierung freigegeben.
checkout-started = Es wird geladen
    .what = Ihr Ladevorgang hat begonnen.
checkout-released = Reservierung freigegeben
    .what = Das Laden begann nicht rechtzeitig. { $amount } sind wieder frei; bei Ihrer Bank kann es einige Tage dauern, bis Sie das sehen.
checkout-paid = Bezahlt
    .what = Danke: es ist nichts mehr offen.
checkout-saved = Karte hinterlegt
    .what = Danke.
checkout-expired = Nicht bezahlt
    .what = Die Zahlungsseite wurde verlassen oder hat sich geschlossen. Es wurde nichts abgebucht.
checkout-session = Zum Ladevorgang und seinem Beleg
card-save = Karte hinterlegen
card-what = Das Laden an { $site } wird dann mit dieser Karte bezahlt, immer wenn Ihre Ladekarte es startet. Die Karte geben Sie auf der Seite von Stripe an; niemand sonst sieht sie. Jetzt wird nichts abgebucht.

## A session

session-title = Ihr Ladevorgang
receipt-title = Beleg { $number }
session-unbilled = Die Rechnung entsteht, wenn der Ladevorgang beendet ist.
session-cost = Was es gekostet hat
session-note = Hinweis: { $text }.
session-data = Dasselbe als Daten (JSON)
session-signed = Was der Zähler signiert hat
session-signed-reading = Messwert
session-signed-file = Herunterladen, zur Prüfung mit der Transparenzsoftware
session-owed = Noch zu zahlen:
session-by = Geliefert von
session-address = Anschrift
session-tax-id = Steuernummer
session-contact = Fragen
session-place = Ort
session-from = Von
session-until = Bis
session-energy = Energie in kWh
session-for = Für
session-card = Ihre Karte
session-credit = Gutschrift { $number }
outcome-open = Der Ladevorgang ist noch nicht abgerechnet.
outcome-captured = Bezahlt.
outcome-waived = Es ist nichts zu zahlen.
outcome-uncollectable = Noch nicht bezahlt.
outcome-quarantined = Die Messwerte der Ladesäule widersprechen sich. Es wird nichts abgebucht, bis jemand nachgesehen hat.
live-so-far = bisher, Stand { $at }
live-energy = Energie
live-power = Leistung
live-time = Zeit
live-held = Auf Ihrer Karte reserviert
live-why = Warum
live-charged = Ihr Fahrzeug hat geladen.
live-fee-runs = Eine Blockiergebühr läuft, bis es abgesteckt ist.
live-fee-begins = { $minutes ->
    [one] In einer Minute beginnt eine Blockiergebühr: bitte stecken Sie es ab.
   *[other] In { $minutes } Minuten beginnt eine Blockiergebühr: bitte stecken Sie es ab.
}
live-please-leave = Bitte stecken Sie es bald ab, andere warten auf den Platz.

## Something is wrong with a session

ask-title = Stimmt etwas nicht?
ask-what = Sagen Sie dem Betreiber, was nicht stimmt. Er sieht Ihren Ladevorgang mit allen Messwerten und antwortet Ihnen.
ask-words = Was nicht stimmt
ask-reach = Wie man Sie erreicht (E-Mail oder Telefon), wenn Sie eine Antwort möchten
ask-send = An den Betreiber senden
ask-sent = Der Betreiber weiß es seit { $at }. Sie brauchen es nicht noch einmal zu senden.

## When something cannot be done

wrong-title = Das hat nicht geklappt
wrong-nothing-here = Unter dieser Adresse ist nichts. Scannen Sie den Code an der Ladesäule noch einmal.
wrong-no-stall = Diesen Ladepunkt gibt es nicht. Sehen Sie noch einmal auf sein Schild: der Name der Ladesäule und die Nummer des Ladepunkts.
wrong-nothing-owed = Für diesen Ladevorgang ist nichts offen.
wrong-no-page = Die Zahlungsseite lässt sich nicht öffnen. Es wurde nichts abgebucht; bitte versuchen Sie es noch einmal.
wrong-store = Das geht gerade nicht. Es wurde nichts abgebucht; bitte versuchen Sie es in einer Minute noch einmal.
wrong-stripe = Die Zahlungsseite lässt sich gerade nicht öffnen. Es wurde nichts abgebucht; bitte versuchen Sie es in einer Minute noch einmal.
wrong-charger = charger: keine Ladesäule „{ $value }“ nimmt hier Zahlungen an; sehen Sie noch einmal auf ihr Schild
wrong-connector = connector: diese Ladesäule hat keinen Ladepunkt { $value }; sehen Sie noch einmal auf ihr Schild
wrong-no-price = charger: { $value } hat gerade keinen Preis; bitte fragen Sie den Betreiber
wrong-token = token: wurde schon gezogen; bitte versuchen Sie es noch einmal
wrong-phone = phone: „{ $value }“ ist keine Telefonnummer; schreiben Sie sie wie +49 151 12345678
wrong-money = money: „{ $value }“ ist keine Grenze; schreiben Sie einen Betrag wie 15.00
wrong-kwh = kwh: „{ $value }“ ist keine Grenze; schreiben Sie Kilowattstunden wie 20
wrong-minutes = minutes: „{ $value }“ ist keine Grenze; schreiben Sie Minuten wie 90
wrong-by = by: ist leer; schreiben Sie, wer sich kümmert, damit andere wissen, wen sie fragen können
wrong-fee = amount: „{ $value }“ kann hier nicht bezahlt werden; bitte fragen Sie den Betreiber
wrong-empty = words: ist leer; schreiben Sie, was nicht stimmt, damit der Betreiber helfen kann
language = Sprache
