# What drivers read on their pages, in English: what charging costs, why a bill is what it is, what became of their money.

## A bill, line by line

bill-energy = Energy
bill-time = Charging time
bill-parking = Time plugged in without charging
bill-flat = Fee for the session
bill-reservation = Reservation
bill-min-price = Up to the least price of a session
bill-max-price = Down to the highest price of a session
bill-idle = Idle fee
bill-no-charge = Not charged: too short or too little energy
bill-tax-bound = Tax, to keep the bound after tax
bill-total = Total
bill-product = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, rounded to { $amount }
bill-product-capped = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, capped to { $amount }
bill-once = 1 x { $price } { $currency }, rounded to { $amount }
bill-percent = { $percent } %, rounded to { $amount }
bill-measured = measured { $quantity } { $unit }, billed in whole steps
bill-estimated = the price changed between two readings: the energy on either side is estimated by time
bill-tariff-rate = the tariff states the rate
bill-at-least = a session under this tariff costs at least { $amount }
bill-at-most = a session under this tariff costs at most { $amount }
bill-too-small = no charge below { $seconds } s or { $kwh } kWh; this session drew { $drawn } kWh
bill-idle-connected = from { $minutes } min after plugging in
bill-idle-grace = { $seconds } s measured, { $minutes } min free after each end of charging
bill-quiet = free from { $from } to { $until }, { $zone }
bill-occupied = while at least { $percent } % of the site's connectors were in use
bill-cap = never more than { $amount } a session
bill-element = tariff { $name }, element { $number }: { $when }
bill-element-unnamed = tariff, element { $number }: { $when }
bill-always = always
bill-included = of { $base }, { $percent } % { $name } are { $amount }
bill-idle-span = plugged in without charging from { $from } to { $to }, by { $evidence }
bill-clock = time and idle time are not billed: the charger's clock is not certified for it
evidence-status = the charger's own report
evidence-stopped = the end of the transaction with the connector still occupied
evidence-flat = a register that no longer rose
unit-kwh = kWh
unit-hour = h
unit-minute = min
unit-session = session

## When a price holds

when-from = from { $value }
when-until = until { $value }
when-since = from { $value }
when-before = before { $value }
when-on = on { $value }
when-least = from { $value } on
when-below = below { $value }
when-after = after { $value }
when-first = in the first { $value }
day-monday = Mon
day-tuesday = Tue
day-wednesday = Wed
day-thursday = Thu
day-friday = Fri
day-saturday = Sat
day-sunday = Sun

## What charging costs, before it begins

offer-energy = per kWh
offer-time = per minute of charging
offer-flat = per session
offer-parking = per minute without charging
offer-at-least = A session costs at least { $amount }.
offer-at-most = A session costs at most { $amount }.
offer-too-small = A session below { $seconds } s or { $kwh } kWh costs nothing.
offer-with-taxes = Prices include taxes.
offer-with = Prices include { $taxes }.
offer-and = and
offer-idle = { $amount } a minute { $when }
offer-idle-occupied = { $amount } a minute { $when }, while at least { $percent } % of the connectors are in use
offer-idle-after = from { $minutes } minutes after charging has ended
offer-idle-connected = from { $minutes } minutes after plugging in
offer-quiet = free from { $from } to { $until }
offer-waived = free for who leaves within { $minutes } minutes
offer-cap = at most { $amount } a session
offer-example = For example, { $kwh } kWh from now on, at full power { $minutes } minutes:
offer-staying = Staying after charging: { $rules }

## What became of the money

moved-charged = charged to your card
moved-paid = paid by you
moved-refunded = given back to your card
moved-held = reserved on your card
moved-raised = reservation raised
moved-released = reservation given back
move-done = done
move-refused = refused by the bank
move-underway = on its way
tax = Tax
tax-included = { $name }, included
closed = the charger never reported the end; billed to { $at }, for { $cause }
closed-next-session = the next session began at its connector
closed-unplugged = its connector was reported free
closed-silence = its charger was not heard of any more
closed-operator = the operator has looked and found it over
reason-nothing-due = nothing due
reason-below-minimum = below the minimum charge
reason-no-payment-method = no payment method for the id tag
reason-declined = declined: { $code }
reason-above-limit = above the driver's limit
reason-taken-elsewhere = another amount was taken at Stripe
reason-forgiven = forgiven: { $why }
reason-dispute-lost = dispute lost: { $why }
reason-late-waived = late evidence: difference waived
reason-late-charged = late evidence: corrected, difference charged
reason-late-refunded = late evidence: corrected, difference refunded
reason-register-fell = the energy register fell
reason-register-jumped = the energy register jumped beyond what the connector can deliver
reason-stop-before-start = the stop lies before the start
reason-no-start = the start is not among the evidence
reason-signature-wrong = a signed meter value does not bear its meter's signature
reason-signed-differs = the meter signed another energy than the charger's registers tell
reason-too-large = the amount is too large to be a charging session's
signed-verified = verified
signed-wrong = the signature is not the meter's
signed-no-key = not verified: the charger sent no public key
signed-unreadable = not verified: { $why }

## A stall

stall-title = { $site }, charger { $charger }, connector { $connector }
stall-price = Price
stall-unpriced = This stall has no price at the moment, so it cannot be paid for here. Please ask the operator.
stall-questions = Questions: { $contact }
stall-now = Now
stall-free = This stall is free.
stall-waits = A vehicle is plugged in and does not charge yet.
stall-charges = A vehicle is charging here.
stall-charged = A vehicle has charged here and is still plugged in.
stall-reserved = This stall is reserved.
stall-broken = This stall is out of order at the moment. Please take another one.
stall-silent = Nothing has been heard of this stall lately: whether it is free is to be seen on it.
stall-cut-off = Its charger is not connected at the moment. Please take another one.
stall-not-now = Nobody can start charging here at the moment. This page looks again by itself.
stall-after = When the vehicle has charged
stall-stay-free = It costs nothing to stay plugged in.
stall-stay-costs = Staying plugged in costs { $rules }.
stall-fee-now = At this hour the fee applies.
stall-no-fee-now = At this hour it costs nothing to stay.
stall-pay = Charge and pay by card
stall-hold = { $amount } are reserved on your card now. What charging costs is taken of it at the end, and the rest is given back.
stall-limits = Stop by itself, or be told by text message
stall-limit-money = Stop when it costs
stall-limit-kwh = Stop after so many kWh
stall-limit-minutes = Stop after so many minutes
stall-phone = Tell me at this telephone when it has charged, before an idle fee, and of the receipt
pay-by-card = Pay by card

## A payment before charging

checkout-open = Waiting for your payment
    .what = Finish at the payment page, then come back here.
checkout-confirmed = Your payment is being confirmed
    .what = This takes some seconds. The page goes on by itself.
checkout-held = Plug in and start
    .what = { $amount } is reserved on your card. Plug in at charger { $charger }, connector { $connector }, before { $until }; otherwise the reservation is given back.
checkout-started = Charging
    .what = Your session has started.
checkout-released = Reservation given back
    .what = Charging did not start in time. { $amount } is free again; your bank may take some days to show it.
checkout-paid = Paid
    .what = Thank you: nothing is owed any more.
checkout-saved = Card saved
    .what = Thank you.
checkout-expired = Not paid
    .what = The payment page was left or has closed. Nothing was charged.
checkout-session = See the session and its receipt
card-save = Save a card
card-what = Charging at { $site } is then paid by this card, whenever your tag starts it. You give the card at Stripe's page; nobody else sees it. Nothing is charged now.

## A session

session-title = Your session
receipt-title = Receipt { $number }
session-unbilled = The bill is made when the session has ended.
session-cost = What it cost
session-note = Note: { $text }.
session-data = The same as data (JSON)
session-signed = What the meter signed
session-signed-reading = reading
session-signed-file = Download, to check it with the transparency software
session-owed = Still to be paid:
session-by = Delivered by
session-address = Address
session-tax-id = Tax number
session-contact = Questions
session-place = Place
session-from = From
session-until = Until
session-energy = Energy in kWh
session-for = For
session-card = Your card
session-credit = Credit note { $number }
outcome-open = The session is not settled yet.
outcome-captured = Paid.
outcome-waived = Nothing has to be paid.
outcome-uncollectable = Not paid yet.
outcome-quarantined = The charger's readings contradict each other. Nothing is charged until somebody has looked.
live-so-far = so far, as of { $at }
live-energy = Energy
live-power = Power
live-time = Time
live-held = Reserved on your card
live-why = Why
live-charged = Your vehicle has charged.
live-fee-runs = An idle fee runs until it is unplugged.
live-fee-begins = { $minutes ->
    [one] An idle fee begins in a minute: please unplug it.
   *[other] An idle fee begins in { $minutes } minutes: please unplug it.
}
live-please-leave = Please unplug it soon, for others wait for the stall.

## Something is wrong with a session

ask-title = Is something wrong?
ask-what = Tell the operator what is wrong. They see your session with its evidence, and answer you.
ask-words = What is wrong
ask-reach = How to reach you (e-mail or telephone), if you want an answer
ask-send = Send to the operator
ask-sent = The operator has been told, at { $at }. You need not send it again.

## When something cannot be done

wrong-title = This did not work
wrong-nothing-here = There is nothing at this address. Scan the code at the charger again.
wrong-no-stall = There is no such stall. Look at its label again: the charger's name, and the number of the connector.
wrong-nothing-owed = Nothing is owed for this session.
wrong-no-page = The payment page cannot be opened. Nothing was charged; please try again.
wrong-store = This does not work at the moment. Nothing was charged; please try again in a minute.
wrong-stripe = The payment page cannot be opened at the moment. Nothing was charged; please try again in a minute.
wrong-charger = charger: no charger “{ $value }” takes payments here; look at its label again
wrong-connector = connector: this charger has no connector { $value }; look at its label again
wrong-no-price = charger: { $value } has no price at the moment; please ask the operator
wrong-token = token: was drawn before; please try again
wrong-phone = phone: “{ $value }” is no telephone number; write it as +49 151 12345678
wrong-money = money: “{ $value }” is no limit; write an amount such as 15.00
wrong-kwh = kwh: “{ $value }” is no limit; write kilowatt-hours such as 20
wrong-minutes = minutes: “{ $value }” is no limit; write minutes such as 90
wrong-by = by: is empty; write who looks after it, so that others know whom to ask
wrong-fee = amount: “{ $value }” cannot be paid here; please ask the operator
wrong-empty = words: is empty; write what is wrong, so that the operator can help
language = Language
