# Lo que leen los conductores en sus páginas, en español: cuánto cuesta cargar, por qué una factura es como es, qué fue del dinero.

## A bill, line by line

bill-energy = Energía
bill-time = Tiempo de carga
bill-parking = Enchufado sin cargar
bill-flat = Tarifa por sesión
bill-reservation = Reserva
bill-min-price = Hasta el precio mínimo de una sesión
bill-max-price = Hasta el precio máximo de una sesión
bill-idle = Recargo por ocupación
bill-no-charge = No se cobra: demasiado corta o muy poca energía
bill-tax-bound = Impuesto, para que el límite valga con impuestos
bill-total = Total
bill-product = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, redondeado a { $amount }
bill-product-capped = { $quantity } { $unit } x { $price } { $currency }/{ $unit } = { $exact }, limitado a { $amount }
bill-once = 1 x { $price } { $currency }, redondeado a { $amount }
bill-percent = { $percent } %, redondeado a { $amount }
bill-measured = medido { $quantity } { $unit }, facturado en pasos enteros
bill-estimated = el precio cambió entre dos lecturas: la energía a cada lado se estima por el tiempo
bill-tariff-rate = la tarifa indica el tipo
bill-at-least = una sesión con esta tarifa cuesta al menos { $amount }
bill-at-most = una sesión con esta tarifa cuesta como máximo { $amount }
bill-too-small = por debajo de { $seconds } s o { $kwh } kWh no se cobra nada; esta sesión tomó { $drawn } kWh
bill-idle-connected = a partir de { $minutes } min tras enchufar
bill-idle-grace = { $seconds } s medidos, { $minutes } min gratis tras cada final de carga
bill-quiet = gratis de { $from } a { $until }, { $zone }
bill-occupied = mientras al menos el { $percent } % de los conectores del lugar estaban ocupados
bill-cap = nunca más de { $amount } por sesión
bill-element = tarifa { $name }, elemento { $number }: { $when }
bill-element-unnamed = tarifa, elemento { $number }: { $when }
bill-always = siempre
bill-included = en { $base }, el { $percent } % de { $name } es { $amount }
bill-idle-span = enchufado sin cargar de { $from } a { $to }, según { $evidence }
bill-clock = el tiempo y la ocupación no se cobran: el reloj del cargador no está certificado para ello
evidence-status = lo que informó el cargador
evidence-stopped = el fin de la sesión con el conector aún ocupado
evidence-flat = un contador que ya no subía
unit-kwh = kWh
unit-hour = h
unit-minute = min
unit-session = sesión

## When a price holds

when-from = desde las { $value }
when-until = hasta las { $value }
when-since = desde el { $value }
when-before = antes del { $value }
when-on = { $value }
when-least = a partir de { $value }
when-below = por debajo de { $value }
when-after = tras { $value }
when-first = en los primeros { $value }
day-monday = lun
day-tuesday = mar
day-wednesday = mié
day-thursday = jue
day-friday = vie
day-saturday = sáb
day-sunday = dom

## What charging costs, before it begins

offer-energy = por kWh
offer-time = por minuto de carga
offer-flat = por sesión
offer-parking = por minuto sin cargar
offer-at-least = Una sesión cuesta al menos { $amount }.
offer-at-most = Una sesión cuesta como máximo { $amount }.
offer-too-small = Una sesión de menos de { $seconds } s o { $kwh } kWh no cuesta nada.
offer-with-taxes = Precios con impuestos incluidos.
offer-with = Precios con { $taxes } incluido.
offer-and = y
offer-idle = { $amount } por minuto { $when }
offer-idle-occupied = { $amount } por minuto { $when }, mientras al menos el { $percent } % de los conectores estén ocupados
offer-idle-after = a partir de { $minutes } minutos tras el final de la carga
offer-idle-connected = a partir de { $minutes } minutos tras enchufar
offer-quiet = gratis de { $from } a { $until }
offer-waived = gratis para quien se vaya en { $minutes } minutos
offer-cap = como máximo { $amount } por sesión
offer-example = Por ejemplo, { $kwh } kWh desde ahora, { $minutes } minutos a plena potencia:
offer-staying = Quedarse tras la carga: { $rules }

## What became of the money

moved-charged = cobrado en su tarjeta
moved-paid = pagado por usted
moved-refunded = devuelto a su tarjeta
moved-held = reservado en su tarjeta
moved-raised = reserva aumentada
moved-released = reserva liberada
move-done = hecho
move-refused = rechazado por el banco
move-underway = en camino
tax = Impuesto
tax-included = { $name }, incluido
closed = el cargador nunca informó del final; facturado hasta { $at }, porque { $cause }
closed-next-session = la siguiente sesión empezó en este conector
closed-unplugged = el conector se comunicó libre
closed-silence = no se supo más del cargador
closed-operator = el operador lo ha mirado y la encontró terminada
reason-nothing-due = nada que pagar
reason-below-minimum = por debajo del importe más pequeño que se puede cobrar
reason-no-payment-method = ningún medio de pago para esta tarjeta de carga
reason-declined = rechazado: { $code }
reason-above-limit = por encima del límite que usted fijó
reason-taken-elsewhere = en Stripe se cobró otro importe
reason-forgiven = perdonado: { $why }
reason-dispute-lost = reclamación decidida por el banco: { $why }
reason-late-waived = lecturas tardías: se perdona la diferencia
reason-late-charged = lecturas tardías: corregido, se cobró la diferencia
reason-late-refunded = lecturas tardías: corregido, se devolvió la diferencia
reason-register-fell = el contador de energía bajó
reason-register-jumped = el contador de energía subió más de lo que el conector puede dar
reason-stop-before-start = el final está antes del principio
reason-no-start = falta el principio entre las lecturas
reason-signature-wrong = una lectura firmada no lleva la firma de su contador
reason-signed-differs = el contador firmó otra energía que la que comunica el cargador
reason-too-large = el importe es demasiado grande para una sesión de carga
signed-verified = comprobado
signed-wrong = la firma no es la del contador
signed-no-key = sin comprobar: el cargador no envió ninguna clave pública
signed-unreadable = sin comprobar: { $why }

## A stall

stall-title = { $site }, cargador { $charger }, conector { $connector }
stall-price = Precio
stall-unpriced = Este conector no tiene precio en este momento y no se puede pagar aquí. Pregunte al operador.
stall-questions = Preguntas: { $contact }
stall-now = Ahora
stall-free = Este conector está libre.
stall-waits = Hay un vehículo enchufado que todavía no carga.
stall-charges = Hay un vehículo cargando aquí.
stall-charged = Un vehículo ha cargado aquí y sigue enchufado.
stall-reserved = Este conector está reservado.
stall-broken = Este conector está fuera de servicio en este momento. Use otro, por favor.
stall-silent = No se ha sabido de este conector últimamente: si está libre se ve en el lugar.
stall-cut-off = El cargador no está conectado en este momento. Elija otro.
stall-not-now = Nadie puede empezar a cargar aquí en este momento. Esta página vuelve a mirar por sí sola.
stall-after = Cuando el vehículo ha cargado
stall-stay-free = Seguir enchufado no cuesta nada.
stall-stay-costs = Seguir enchufado cuesta { $rules }.
stall-fee-now = A esta hora se aplica el recargo.
stall-no-fee-now = A esta hora quedarse no cuesta nada.
stall-pay = Cargar y pagar con tarjeta
stall-hold = Ahora se reservan { $amount } en su tarjeta. Lo que cueste la carga se cobra de ahí al final, y el resto se libera.
stall-limits = Parar por sí solo, o recibir avisos por SMS
stall-limit-money = Parar cuando cueste
stall-limit-kwh = Parar tras tantos kWh
stall-limit-minutes = Parar tras tantos minutos
stall-phone = Avisarme en este teléfono cuando haya cargado, antes de un recargo por ocupación, y del recibo
pay-by-card = Pagar con tarjeta

## A payment before charging

checkout-open = Esperando su pago
    .what = Termine en la página de pago y vuelva aquí.
checkout-confirmed = Su pago se está confirmando
    .what = Tarda unos segundos. La página continúa por sí sola.
checkout-held = Enchufe y empiece
    .what = { $amount } están reservados en su tarjeta. Enchufe en el cargador { $charger }, conector { $connector }, antes de las { $until }; si no, la reserva se libera.
checkout-started = Cargando
    .what = Su sesión ha empezado.
checkout-released = Reserva liberada
    .what = La carga no empezó a tiempo. { $amount } vuelven a estar libres; su banco puede tardar unos días en mostrarlo.
checkout-paid = Pagado
    .what = Gracias: no se debe nada más.
checkout-saved = Tarjeta guardada
    .what = Gracias.
checkout-expired = No pagado
    .what = Se dejó la página de pago o se ha cerrado. No se cobró nada.
checkout-session = Ver la sesión y su recibo
card-save = Guardar una tarjeta
card-what = La carga en { $site } se paga entonces con esta tarjeta, cada vez que su tarjeta de carga la inicie. La tarjeta se da en la página de Stripe; nadie más la ve. Ahora no se cobra nada.

## A session

session-title = Su sesión
receipt-title = Recibo { $number }
session-unbilled = La factura se hace cuando la sesión ha terminado.
session-cost = Lo que costó
session-note = Nota: { $text }.
session-data = Lo mismo como datos (JSON)
session-signed = Lo que firmó el contador
session-signed-reading = lectura
session-signed-file = Descargar, para comprobarlo con el software de transparencia
session-owed = Queda por pagar:
session-by = Suministrado por
session-address = Dirección
session-tax-id = Número fiscal
session-contact = Preguntas
session-place = Lugar
session-from = Desde
session-until = Hasta
session-energy = Energía en kWh
session-for = Para
session-card = Su tarjeta
session-credit = Nota de abono { $number }
outcome-open = La sesión aún no está liquidada.
outcome-captured = Pagado.
outcome-waived = No hay nada que pagar.
outcome-uncollectable = Aún no pagado.
outcome-quarantined = Las lecturas del cargador se contradicen. No se cobra nada hasta que alguien lo haya mirado.
live-so-far = hasta ahora, a las { $at }
live-energy = Energía
live-power = Potencia
live-time = Tiempo
live-held = Reservado en su tarjeta
live-why = Por qué
live-charged = Su vehículo ha cargado.
live-fee-runs = Corre un recargo por ocupación hasta que se desenchufe.
live-fee-begins = { $minutes ->
    [one] Un recargo por ocupación empieza en un minuto: desenchúfelo, por favor.
   *[other] Un recargo por ocupación empieza en { $minutes } minutos: desenchúfelo, por favor.
}
live-please-leave = Desenchúfelo pronto, por favor: otros esperan el sitio.

## Something is wrong with a session

ask-title = ¿Algo no está bien?
ask-what = Diga al operador qué no está bien. Ve su sesión con sus lecturas y le responde.
ask-words = Qué no está bien
ask-reach = Cómo localizarle (correo o teléfono), si quiere respuesta
ask-send = Enviar al operador
ask-sent = El operador lo sabe desde { $at }. No hace falta enviarlo otra vez.

## When something cannot be done

wrong-title = Esto no ha funcionado
wrong-nothing-here = No hay nada en esta dirección. Escanee de nuevo el código del cargador.
wrong-no-stall = Este conector no existe. Mire otra vez su etiqueta: el nombre del cargador y el número del conector.
wrong-nothing-owed = No se debe nada por esta sesión.
wrong-no-page = La página de pago no se abre. No se cobró nada; inténtelo otra vez, por favor.
wrong-store = Esto no funciona en este momento. No se cobró nada; inténtelo otra vez en un minuto.
wrong-stripe = La página de pago no se abre en este momento. No se cobró nada; inténtelo otra vez en un minuto.
wrong-charger = charger: ningún cargador «{ $value }» acepta pagos aquí; mire otra vez su etiqueta
wrong-connector = connector: este cargador no tiene conector { $value }; mire otra vez su etiqueta
wrong-no-price = charger: { $value } no tiene precio en este momento; pregunte al operador
wrong-token = token: ya se sacó antes; inténtelo otra vez, por favor
wrong-phone = phone: «{ $value }» no es un número de teléfono; escríbalo como +49 151 12345678
wrong-money = money: «{ $value }» no es un límite; escriba un importe como 15.00
wrong-kwh = kwh: «{ $value }» no es un límite; escriba kilovatios hora como 20
wrong-minutes = minutes: «{ $value }» no es un límite; escriba minutos como 90
wrong-by = by: está vacío; escriba quién se ocupa, para que los demás sepan a quién preguntar
wrong-fee = amount: «{ $value }» no se puede pagar aquí; pregunte al operador
wrong-empty = words: está vacío; escriba qué no está bien, para que el operador pueda ayudar
language = Idioma
