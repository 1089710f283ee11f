# Ce que les conducteurs lisent sur leurs pages, en français : le prix, la raison de chaque ligne, ce qu'il est advenu de l'argent.

## A bill, line by line

bill-energy = Énergie
bill-time = Durée de charge
bill-parking = Branché sans charger
bill-flat = Frais de session
bill-reservation = Réservation
bill-min-price = Complément jusqu'au prix minimal d'une session
bill-max-price = Réduction au prix maximal d'une session
bill-idle = Frais d'occupation
bill-no-charge = Non facturé : trop court ou trop peu d'énergie
bill-tax-bound = Taxe, pour que la limite vaille taxes comprises
bill-total = Total
bill-product = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, arrondi à { $amount }
bill-product-capped = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, plafonné à { $amount }
bill-once = 1 x { $price } { $currency }, arrondi à { $amount }
bill-percent = { $percent } %, arrondi à { $amount }
bill-measured = mesuré { $quantity } { $unit }, facturé par pas entiers
bill-estimated = le prix a changé entre deux relevés : l'énergie de part et d'autre est estimée selon le temps
bill-tariff-rate = le tarif indique le taux
bill-at-least = une session à ce tarif coûte au moins { $amount }
bill-at-most = une session à ce tarif coûte au plus { $amount }
bill-too-small = rien n'est facturé en dessous de { $seconds } s ou de { $kwh } kWh ; cette session a pris { $drawn } kWh
bill-idle-connected = à partir de { $minutes } min après le branchement
bill-idle-grace = { $seconds } s mesurées, { $minutes } min gratuites après chaque fin de charge
bill-quiet = gratuit de { $from } à { $until }, { $zone }
bill-occupied = tant qu'au moins { $percent } % des prises du site étaient occupées
bill-cap = jamais plus de { $amount } par session
bill-element = tarif { $name }, élément { $number } : { $when }
bill-element-unnamed = tarif, élément { $number } : { $when }
bill-always = toujours
bill-included = sur { $base }, { $percent } % de { $name } font { $amount }
bill-idle-span = branché sans charger de { $from } à { $to }, d'après { $evidence }
bill-clock = la durée et l'occupation ne sont pas facturées : l'horloge de la borne n'est pas certifiée pour cela
evidence-status = ce que la borne a signalé
evidence-stopped = la fin de la session, la prise étant encore occupée
evidence-flat = un compteur qui n'avançait plus
unit-kwh = kWh
unit-hour = h
unit-minute = min
unit-session = session

## When a price holds

when-from = dès { $value }
when-until = jusqu'à { $value }
when-since = à partir du { $value }
when-before = avant le { $value }
when-on = { $value }
when-least = à partir de { $value }
when-below = en dessous de { $value }
when-after = après { $value }
when-first = pendant les premières { $value }
day-monday = lun.
day-tuesday = mar.
day-wednesday = mer.
day-thursday = jeu.
day-friday = ven.
day-saturday = sam.
day-sunday = dim.

## What charging costs, before it begins

offer-energy = par kWh
offer-time = par minute de charge
offer-flat = par session
offer-parking = par minute sans charger
offer-at-least = Une session coûte au moins { $amount }.
offer-at-most = Une session coûte au plus { $amount }.
offer-too-small = Une session de moins de { $seconds } s ou de { $kwh } kWh ne coûte rien.
offer-with-taxes = Prix taxes comprises.
offer-with = Prix avec { $taxes } compris.
offer-and = et
offer-idle = { $amount } par minute { $when }
offer-idle-occupied = { $amount } par minute { $when }, tant qu'au moins { $percent } % des prises sont occupées
offer-idle-after = à partir de { $minutes } minutes après la fin de la charge
offer-idle-connected = à partir de { $minutes } minutes après le branchement
offer-quiet = gratuit de { $from } à { $until }
offer-waived = gratuit pour qui part dans les { $minutes } minutes
offer-cap = au plus { $amount } par session
offer-example = Par exemple, { $kwh } kWh dès maintenant, soit { $minutes } minutes à pleine puissance :
offer-staying = Rester après la charge : { $rules }

## What became of the money

moved-charged = débité de votre carte
moved-paid = payé par vous
moved-refunded = rendu à votre carte
moved-held = réservé sur votre carte
moved-raised = réservation augmentée
moved-released = réservation libérée
move-done = fait
move-refused = refusé par la banque
move-underway = en cours
tax = Taxe
tax-included = { $name }, comprise
closed = la borne n'a jamais signalé la fin ; facturé jusqu'à { $at }, car { $cause }
closed-next-session = la session suivante a commencé à cette prise
closed-unplugged = la prise a été signalée libre
closed-silence = la borne n'a plus donné de nouvelles
closed-operator = l'exploitant a vérifié et l'a trouvée terminée
reason-nothing-due = rien à payer
reason-below-minimum = en dessous du plus petit montant qui peut être débité
reason-no-payment-method = aucun moyen de paiement pour ce badge
reason-declined = refusé : { $code }
reason-above-limit = au-dessus de la limite que vous avez fixée
reason-taken-elsewhere = un autre montant a été débité chez Stripe
reason-forgiven = abandonné : { $why }
reason-dispute-lost = contestation tranchée par la banque : { $why }
reason-late-waived = relevés tardifs : la différence est abandonnée
reason-late-charged = relevés tardifs : corrigé, la différence a été débitée
reason-late-refunded = relevés tardifs : corrigé, la différence a été remboursée
reason-register-fell = le compteur d'énergie a reculé
reason-register-jumped = le compteur d'énergie a avancé plus que la prise ne peut fournir
reason-stop-before-start = la fin précède le début
reason-no-start = le début manque parmi les relevés
reason-signature-wrong = un relevé signé ne porte pas la signature de son compteur
reason-signed-differs = le compteur a signé une autre énergie que celle annoncée par la borne
reason-too-large = le montant est trop grand pour une session de charge
signed-verified = vérifié
signed-wrong = la signature n'est pas celle du compteur
signed-no-key = non vérifié : la borne n'a pas envoyé de clé publique
signed-unreadable = non vérifié : { $why }

## A stall

stall-title = { $site }, borne { $charger }, prise { $connector }
stall-price = Prix
stall-unpriced = Cette prise n'a pas de prix pour le moment et ne peut pas être payée ici. Adressez-vous à l'exploitant.
stall-questions = Questions : { $contact }
stall-now = Maintenant
stall-free = Cette prise est libre.
stall-waits = Un véhicule est branché et ne charge pas encore.
stall-charges = Un véhicule charge ici.
stall-charged = Un véhicule a chargé ici et est encore branché.
stall-reserved = Cette prise est réservée.
stall-broken = Cette prise est hors service pour le moment. Prenez-en une autre, s'il vous plaît.
stall-silent = Cette prise n'a pas donné de nouvelles récemment : voyez sur place si elle est libre.
stall-cut-off = La borne n’est pas connectée pour le moment. Veuillez en choisir une autre.
stall-not-now = Personne ne peut commencer à charger ici pour le moment. Cette page vérifie à nouveau d’elle-même.
stall-after = Quand le véhicule a chargé
stall-stay-free = Rester branché ne coûte rien.
stall-stay-costs = Rester branché coûte { $rules }.
stall-fee-now = À cette heure, les frais s'appliquent.
stall-no-fee-now = À cette heure, rester ne coûte rien.
stall-pay = Charger et payer par carte
stall-hold = { $amount } sont réservés sur votre carte maintenant. Le prix de la charge y est prélevé à la fin et le reste est libéré.
stall-limits = S'arrêter tout seul, ou être prévenu par SMS
stall-limit-money = Arrêter quand cela coûte
stall-limit-kwh = Arrêter après tant de kWh
stall-limit-minutes = Arrêter après tant de minutes
stall-phone = Me prévenir à ce numéro quand la charge est finie, avant des frais d'occupation, et du reçu
pay-by-card = Payer par carte

## A payment before charging

checkout-open = En attente de votre paiement
    .what = Terminez sur la page de paiement, puis revenez ici.
checkout-confirmed = Votre paiement est en cours de confirmation
    .what = Cela prend quelques secondes. La page continue d’elle-même.
checkout-held = Branchez et démarrez
    .what = { $amount } sont réservés sur votre carte. Branchez à la borne { $charger }, prise { $connector }, avant { $until } ; sinon la réservation est libérée.
checkout-started = En charge
    .what = Votre session a commencé.
checkout-released = Réservation libérée
    .what = La charge n'a pas commencé à temps. { $amount } sont de nouveau disponibles ; votre banque peut mettre quelques jours à le montrer.
checkout-paid = Payé
    .what = Merci : plus rien n'est dû.
checkout-saved = Carte enregistrée
    .what = Merci.
checkout-expired = Non payé
    .what = La page de paiement a été quittée ou s'est fermée. Rien n'a été débité.
checkout-session = Voir la session et son reçu
card-save = Enregistrer une carte
card-what = La charge à { $site } est ensuite payée par cette carte, chaque fois que votre badge la démarre. Vous donnez la carte sur la page de Stripe ; personne d'autre ne la voit. Rien n'est débité maintenant.

## A session

session-title = Votre session
receipt-title = Reçu { $number }
session-unbilled = La facture est faite quand la session est terminée.
session-cost = Ce que cela a coûté
session-note = Remarque : { $text }.
session-data = La même chose en données (JSON)
session-signed = Ce que le compteur a signé
session-signed-reading = relevé
session-signed-file = Télécharger, pour vérifier avec le logiciel de transparence
session-owed = Reste à payer :
session-by = Fourni par
session-address = Adresse
session-tax-id = Numéro fiscal
session-contact = Questions
session-place = Lieu
session-from = De
session-until = À
session-energy = Énergie en kWh
session-for = Pour
session-card = Votre carte
session-credit = Avoir { $number }
outcome-open = La session n'est pas encore réglée.
outcome-captured = Payé.
outcome-waived = Il n'y a rien à payer.
outcome-uncollectable = Pas encore payé.
outcome-quarantined = Les relevés de la borne se contredisent. Rien n'est débité tant que personne n'a vérifié.
live-so-far = jusqu'ici, à { $at }
live-energy = Énergie
live-power = Puissance
live-time = Durée
live-held = Réservé sur votre carte
live-why = Pourquoi
live-charged = Votre véhicule a chargé.
live-fee-runs = Des frais d'occupation courent jusqu'à ce qu'il soit débranché.
live-fee-begins = { $minutes ->
    [one] Des frais d'occupation commencent dans une minute : débranchez-le, s'il vous plaît.
   *[other] Des frais d'occupation commencent dans { $minutes } minutes : débranchez-le, s'il vous plaît.
}
live-please-leave = Débranchez-le bientôt, s'il vous plaît : d'autres attendent la place.

## Something is wrong with a session

ask-title = Quelque chose ne va pas ?
ask-what = Dites à l'exploitant ce qui ne va pas. Il voit votre session avec ses relevés et vous répond.
ask-words = Ce qui ne va pas
ask-reach = Comment vous joindre (e-mail ou téléphone), si vous voulez une réponse
ask-send = Envoyer à l'exploitant
ask-sent = L'exploitant le sait depuis { $at }. Inutile de l'envoyer de nouveau.

## When something cannot be done

wrong-title = Cela n'a pas marché
wrong-nothing-here = Il n'y a rien à cette adresse. Scannez de nouveau le code sur la borne.
wrong-no-stall = Cette prise n'existe pas. Regardez de nouveau son étiquette : le nom de la borne et le numéro de la prise.
wrong-nothing-owed = Rien n'est dû pour cette session.
wrong-no-page = La page de paiement ne s'ouvre pas. Rien n'a été débité ; essayez encore, s'il vous plaît.
wrong-store = Cela ne marche pas pour le moment. Rien n'a été débité ; essayez encore dans une minute.
wrong-stripe = La page de paiement ne s'ouvre pas pour le moment. Rien n'a été débité ; essayez encore dans une minute.
wrong-charger = charger : aucune borne « { $value } » ne prend de paiement ici ; regardez de nouveau son étiquette
wrong-connector = connector : cette borne n'a pas de prise { $value } ; regardez de nouveau son étiquette
wrong-no-price = charger : { $value } n'a pas de prix pour le moment ; adressez-vous à l'exploitant
wrong-token = token : a déjà été tiré ; essayez encore, s'il vous plaît
wrong-phone = phone : « { $value } » n'est pas un numéro de téléphone ; écrivez-le comme +49 151 12345678
wrong-money = money : « { $value } » n'est pas une limite ; écrivez un montant comme 15.00
wrong-kwh = kwh : « { $value } » n'est pas une limite ; écrivez des kilowattheures comme 20
wrong-minutes = minutes : « { $value } » n'est pas une limite ; écrivez des minutes comme 90
wrong-by = by : est vide ; écrivez qui s'en occupe, pour que les autres sachent à qui s'adresser
wrong-fee = amount : « { $value } » ne peut pas être payé ici ; adressez-vous à l'exploitant
wrong-empty = words : est vide ; écrivez ce qui ne va pas, pour que l'exploitant puisse aider
language = Langue
