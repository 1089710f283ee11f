# What people are told, in English. A message's value is its title; `.means` says what it is, `.do` what to do about it.

## Incidents

charger-fault = Charger fault
    .means = The charger reports a fault and charges nobody until it is over.
    .do = Look at the charger's own display or web page, restart it, and call its maker if the fault comes back.
connector-unavailable = Connector not available
    .means = The connector says that it is out of service, without naming a fault.
    .do = Somebody may have switched it off for work. If not, set it to available from its back end or restart the charger.
charger-offline = Charger offline
    .means = The charger has no connection. It may still charge and report later; nobody can start by remote meanwhile.
    .do = Look at the site's router and mobile signal, then at the charger's power.
power-loss = Power lost
    .means = A session ended because the power failed at the charger.
    .do = Look at the breaker and the residual current device of the charger, then at the supply of the site.
emergency-stop = Emergency stop
    .means = Somebody pressed the emergency stop. Nothing charges until it is released on site.
    .do = Make sure that nobody is in danger. Then find out why, release the button and restart the charger.
meter-anomaly = Meter says what cannot be
    .means = A meter's readings contradict each other or the charger's power. What cannot be believed is not billed.
    .do = Look at the session's evidence. If it happens again, have the meter inspected.
messages-missing = Messages of a session are missing
    .means = Some messages of a session never came, by the numbers its charger gave them. The session was billed by those that did.
    .do = If it happens again, look at the charger's connection and at how many messages it keeps while offline.
clock-wrong = Charger's clock is wrong
    .means = The charger's clock is further off than a slow connection explains. Its messages wait in quarantine.
    .do = Give the charger a time server, or restart it; then release its messages from quarantine.
stuck-session = Session without an end
    .means = Nothing has been heard of a running session for a day. It is neither ended nor billed.
    .do = Look whether a vehicle is there. Stop the session, or let it be settled by what is known.
zero-energy = Sessions without energy
    .means = Vehicles stay plugged in at this connector and take no energy.
    .do = Try the connector. A worn cable, a bad contact or a limit of zero are the usual reasons.
failed-starts = Starts fail one after the other
    .means = Sessions at this connector end as soon as they have begun.
    .do = Try the connector. Look at cable, plug and lock; drivers will go elsewhere meanwhile.
stall-blocked = Stall is blocked
    .means = A vehicle has charged and is still plugged in.
    .do = The driver has been told if that was possible. Look whether others wait.
site-storm = Many chargers failed at once
    .means = Several chargers of this site failed within minutes, so the cause is likely one: power, network or back end.
    .do = Look at the site's supply and router first. The chargers are not told of one by one.
payment-failing = Cards are declined in a row
    .means = Several holds in a row were declined at this site. Cards are tried out with stolen numbers this way too.
    .do = Look at the declines in Stripe. If they look alike, block their source with a Radar rule.
capture-overdue = A hold is about to lapse
    .means = A hold that should have been renewed or captured was not, and lapses within hours.
    .do = Look at the log of settle, and whether Stripe answers.
billing-stopped = Sessions are not settled
    .means = Ended sessions wait longer than they should. No money is lost yet, but none comes in.
    .do = Look at the log of settle and at its dead letters, and whether Stripe answers.
dispute = A payment is disputed
    .means = A cardholder disputes what a session took. Stripe holds the money back until that is decided.
    .do = Ask for the session's evidence pack and send it to Stripe before the date it names.
driver-asks = A driver says that something is wrong
    .means = A driver has written about their session, on its page.
    .do = Look at the session: evidence, bill and money stand side by side there. Give back what was wrong, and answer if they left an address.
payment-unknown = Outcome of a payment unknown
    .means = Stripe has not told for over an hour what became of a payment. It is asked again; nothing is taken twice.
    .do = Look at Stripe's status page. If Stripe works, look the payment up there by the session's name.
reconciliation-differs = Books and Stripe differ
    .means = Our books and Stripe's do not agree.
    .do = Run the reconciliation to see each difference and its repair, first without applying it.
webhook-silence = Stripe sends no events
    .means = Stripe moves money and sends no event about it.
    .do = Look in Stripe whether the webhook endpoint is enabled and what it answers.
stripe-key-refused = Stripe refuses the key
    .means = Stripe refuses our key. Nothing can be held, captured or refunded until that is mended.
    .do = Look in Stripe whether the key was revoked or lacks a permission, and put a valid one into the secret.
dead-letters = Messages could not be handled
    .means = Messages failed again and again and were set aside. What they asked for is not done.
    .do = Look at the log of the function that the queue belongs to, mend the cause, and move them back.
alert-undeliverable = Alerts reach nobody
    .means = There is nobody whom alerts reach for certain: no confirmed e-mail subscription, or publishing fails.
    .do = Subscribe an e-mail address to the alerts, and confirm it by the link in SNS's mail.

## What chargers report

code-connector-lock = The plug could not be locked or unlocked. Look for dirt or a cable under strain, then at the lock's motor.
code-vehicle-communication = Charger and vehicle do not understand each other. Try another vehicle; if it fails too, look at the cable.
code-ground = A current flows to earth. Keep people away from the cable and have an electrician measure the insulation.
code-temperature = Something is too hot. Look at fans, filters and contacts; it goes on by itself once it has cooled.
code-internal = The charger's own electronics or software failed. Restart it; if it comes back, call its maker.
code-local-list = The charger's list of tags is out of date. Send it anew; payment by card is not concerned.
code-other = The charger names no standard reason. Its vendor's code tells more.
code-over-current = More current was drawn than allowed. Another vehicle will tell whether vehicle or charger is at fault.
code-over-voltage = The supply's voltage is too high. Have the supply measured.
code-under-voltage = The supply's voltage is too low. Have the supply and its connections measured.
code-meter = The power meter cannot be read. Without it nothing can be billed; have it replaced.
code-power-switch = The contactor does not switch. Take the connector out of service and have it replaced.
code-reader = The card or tag reader does not work. Drivers can still start by the web page.
code-reset = The charger could not restart itself. Switch its power off and on.
code-signal = The wireless signal is weak. A better antenna or a wired connection helps.
code-emergency = The emergency stop is pressed.
code-authorisation = The driver was not authorised in time. Look at the connection of the charger to its back end.
code-vehicle-mode = The vehicle is in a state in which it cannot charge. Only its driver can change that.
code-cable-check = The insulation test before charging failed. Look at cable and plug; try another vehicle.
code-pre-charge = Charger and vehicle did not reach the same voltage before charging. Try another vehicle.
code-no-internet = The charger does not reach the internet. Look at router and mobile signal.
code-pilot = The signal line between charger and vehicle is disturbed. Look at the plug's contacts.
code-no-power = The supply failed. Look at breakers and at the supply of the site.
code-vehicle-contactor = The vehicle's contactor failed. Only its workshop can help.
code-cable-hot = The cable is too hot and charging is slowed or stopped. Look at contacts and cooling.
code-not-plugged = The plug is not all the way in.
code-isolation = Insulation or capacitance is out of bounds. Have an electrician measure charger and cable.
code-proximity = The charger cannot tell whether something is plugged in. Look at the plug's contacts.
code-connector-voltage = There is voltage at a plug that should have none. Take the connector out of service at once.
code-latch = The plug's latch is broken. Have the connector replaced.
code-cable-cut = The cable is cut, or stolen. Take the connector out of service and secure its end.

## How an incident is told

severity-low = Low
severity-warning = Warning
severity-critical = Critical
event-opened = New
event-reminder = Still open
event-escalated = Nobody has acknowledged
event-recovered = Over
short = { $event }: { $title }, { $where }
short-recovered = Over after { $minutes } min: { $title }, { $where }
subject = [plugtill] { $event }: { $title }, { $where }
billing = billing
connector = { $charger } connector { $connector }
line-where = Where: { $where }
line-severity = Severity: { $severity }
line-since = Since: { $since }
line-lasted = Lasted: { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
line-count = Seen: { $count ->
    [one] once
   *[other] { $count } times
}
line-reported = Reported: { $facts }
line-session = Session: { $session }
line-means = What it means: { $text }
line-do = What to do: { $text }
line-code = { $code }: { $text }
line-acknowledge = Say that you look after it, and nobody is reminded any more: { $link }
line-look = All that is known of it: { $link }
digest-subject = [plugtill] { $site }: { $count ->
    [one] 1 small matter
   *[other] { $count } small matters
} of the last day
digest-sms = { $site }: { $count ->
    [one] 1 small matter
   *[other] { $count } small matters
} of the last day, by e-mail.
digest-head = Nothing of this is urgent. It is told once a day.
digest-line = { $title }, { $where }: { $count } times, { $minutes } min in all

## The month

report-title = Month in figures
report-sms = { $site }, { $month }: { $sessions } sessions, billed { $billed }, collected { $collected }. More by e-mail.
report-head = { $site }, { $month }
report-sessions = Sessions
report-energy = Energy in kWh
report-billed = Billed, with tax
report-tax = Of that, tax
report-collected = Collected from cards
report-refunded = Given back
report-fees = Kept by Stripe and the platform
report-open = Still owed
report-uncollectable = Not paid
report-waived = Given up
report-file = Every session, day and posting, as CSV, Excel or Parquet: { $link }
report-subject = [plugtill] { $site }: { $title }, { $month }
report-line = { $what }: { $figure }

## Drivers

driver-hold-declined = Your card did not bear the hold for charging at { $charger }. Pay at the end by another card:
driver-unpaid = Your card did not pay { $amount } for charging at { $charger }. Why, and another card:
driver-reminder = Still unpaid: { $amount } for charging at { $charger }. Pay here:
driver-balance-settled = Settled: nothing is owed for charging at { $charger }. Receipt:
driver-refunded = Money was given back for charging at { $charger }. Receipt:
driver-charging-complete = Your vehicle at { $charger } has finished charging. What you owe so far:
driver-idle-soon = Please unplug at { $charger }: an idle fee begins in { $minutes } min. Details:
driver-idle-running = An idle fee now runs at { $charger } until you unplug. What you owe so far:
driver-receipt-ready = Charging at { $charger } cost { $amount }. Receipt:

## The page of an incident

page-name = Your name
page-acknowledge = I look after it
page-acknowledged = { $by } looks after it, since { $since }.
