# What people are told, in Spanish. en.ftl says what each message is for.

## Incidents

charger-fault = Avería del cargador
    .means = El cargador comunica una avería y no carga a nadie mientras dure.
    .do = Mire la pantalla o la página web del cargador, reinícielo; si la avería vuelve, llame a su fabricante.
connector-unavailable = Punto de recarga no disponible
    .means = El punto de recarga dice estar fuera de servicio, sin nombrar una avería.
    .do = Quizá alguien trabaja en él. Si no, póngalo disponible desde su sistema central o reinicie el cargador.
charger-offline = Cargador sin conexión
    .means = El cargador no tiene conexión. Quizá siga cargando y lo comunique después; no se puede iniciar a distancia.
    .do = Mire primero el router y la cobertura móvil del lugar, luego la corriente del cargador.
power-loss = Corte de corriente
    .means = Una sesión terminó porque faltó la corriente en el cargador.
    .do = Mire el magnetotérmico y el diferencial del cargador, luego el suministro del lugar.
emergency-stop = Parada de emergencia
    .means = Alguien pulsó la parada de emergencia. Nada carga hasta que se libere en el lugar.
    .do = Asegúrese de que nadie corre peligro. Después busque la causa, libere el pulsador y reinicie el cargador.
meter-anomaly = El contador dice lo imposible
    .means = Las lecturas de un contador se contradicen o contradicen la potencia del cargador. Lo que no es creíble no se factura.
    .do = Mire las pruebas de la sesión. Si se repite, haga revisar el contador.
messages-missing = Faltan mensajes de una sesión
    .means = Según la numeración del cargador, algunos mensajes de una sesión no llegaron nunca. Se facturó con los que llegaron.
    .do = Si se repite, revise la conexión del cargador y cuántos mensajes guarda sin conexión.
clock-wrong = Reloj del cargador incorrecto
    .means = El reloj del cargador se desvía más de lo que explica una conexión lenta. Sus mensajes esperan en cuarentena.
    .do = Dé al cargador un servidor de hora o reinícielo; después libere sus mensajes de la cuarentena.
stuck-session = Sesión sin final
    .means = De una sesión en curso no se sabe nada desde hace un día. No está terminada ni facturada.
    .do = Mire si hay un vehículo. Detenga la sesión o haga que se facture con lo que se sabe.
zero-energy = Sesiones sin energía
    .means = En este punto de recarga hay vehículos enchufados que no toman energía.
    .do = Pruebe el punto de recarga. Un cable gastado, un mal contacto o un límite de cero son lo habitual.
failed-starts = Inicios fallidos en serie
    .means = Las sesiones en este punto de recarga terminan apenas empiezan.
    .do = Pruebe el punto de recarga. Mire cable, conector y bloqueo; si no, los conductores irán a otro sitio.
stall-blocked = Plaza bloqueada
    .means = Un vehículo ha terminado de cargar y sigue enchufado.
    .do = Se avisó al conductor si fue posible. Mire si otros esperan.
site-storm = Muchos cargadores averiados
    .means = Varios cargadores del lugar fallaron en minutos; la causa será una: corriente, red o sistema central.
    .do = Mire primero el suministro y el router del lugar. Los cargadores no se comunican uno por uno.
payment-failing = Tarjetas rechazadas en serie
    .means = Varias preautorizaciones seguidas fueron rechazadas. Así se prueban también tarjetas robadas.
    .do = Mire los rechazos en Stripe. Si se parecen, bloquee su origen con una regla de Radar.
capture-overdue = Una preautorización va a caducar
    .means = Una preautorización no se renovó ni se cobró a tiempo y caduca en unas horas.
    .do = Mire el registro de settle, y si Stripe responde.
billing-stopped = Sesiones sin facturar
    .means = Las sesiones terminadas esperan más de lo debido. Aún no se ha perdido dinero, pero no entra ninguno.
    .do = Mire el registro de settle y sus mensajes fallidos, y si Stripe responde.
dispute = Pago disputado
    .means = Un titular de tarjeta disputa lo que costó una sesión. Stripe retiene el dinero hasta que se decida.
    .do = Pida las pruebas de la sesión y envíelas a Stripe antes de la fecha indicada.
driver-asks = Un conductor dice que algo no está bien
    .means = Un conductor ha escrito sobre su sesión, en la página de esta.
    .do = Mire la sesión: lecturas, factura y dinero están allí juntos. Devuelva lo que estaba mal, y responda si dejó una dirección.
payment-unknown = Resultado de un pago desconocido
    .means = Hace más de una hora que Stripe no dice qué fue de un pago. Se vuelve a preguntar; nada se cobra dos veces.
    .do = Mire la página de estado de Stripe. Si Stripe funciona, busque allí el pago por el nombre de la sesión.
reconciliation-differs = Libros y Stripe difieren
    .means = Nuestros libros y los de Stripe no coinciden.
    .do = Inicie la conciliación: muestra cada diferencia y su arreglo, primero sin aplicarlo.
webhook-silence = Stripe no envía nada
    .means = Stripe mueve dinero y no envía ningún aviso de ello.
    .do = Mire en Stripe si el webhook está activado y qué responde.
stripe-key-refused = Stripe rechaza la clave
    .means = Stripe rechaza nuestra clave. Nada puede reservarse, cobrarse ni devolverse hasta arreglarlo.
    .do = Mire en Stripe si la clave fue revocada o le falta un permiso, y ponga una válida en el secreto.
dead-letters = Mensajes sin procesar
    .means = Hay mensajes que fallaron varias veces y se apartaron. Lo que pedían no está hecho.
    .do = Mire el registro de la función de esa cola, arregle la causa y devuelva los mensajes.
alert-undeliverable = Las alertas no llegan a nadie
    .means = No se llega con certeza a nadie: no hay correo confirmado, o falla el envío.
    .do = Suscriba una dirección de correo a las alertas y confírmela con el enlace del mensaje de SNS.

## What chargers report

code-connector-lock = El conector no se pudo bloquear o desbloquear. Busque suciedad o un cable tenso, luego el motor del bloqueo.
code-vehicle-communication = Cargador y vehículo no se entienden. Pruebe otro vehículo; si también falla, mire el cable.
code-ground = Hay corriente hacia tierra. Aleje a la gente del cable y haga que un electricista mida el aislamiento.
code-temperature = Algo está demasiado caliente. Mire ventiladores, filtros y contactos; sigue solo cuando se enfría.
code-internal = Falló la electrónica o el programa del cargador. Reinícielo; si vuelve, llame a su fabricante.
code-local-list = La lista de llaveros del cargador es antigua. Envíela de nuevo; el pago con tarjeta no se ve afectado.
code-other = El cargador no nombra una causa normalizada. El código del fabricante dice más.
code-over-current = Se tomó más corriente de la permitida. Otro vehículo dirá si la culpa es del vehículo o del cargador.
code-over-voltage = La tensión de red es demasiado alta. Haga medir el suministro.
code-under-voltage = La tensión de red es demasiado baja. Haga medir el suministro y sus conexiones.
code-meter = El contador no se puede leer. Sin él nada se puede facturar; haga que lo cambien.
code-power-switch = El contactor no conmuta. Ponga el punto fuera de servicio y haga que lo cambien.
code-reader = El lector de tarjetas o llaveros no funciona. Los conductores aún pueden iniciar por la página web.
code-reset = El cargador no pudo reiniciarse. Corte y vuelva a dar la corriente.
code-signal = La señal inalámbrica es débil. Ayuda una antena mejor o un cable.
code-emergency = La parada de emergencia está pulsada.
code-authorisation = El conductor no fue autorizado a tiempo. Mire la conexión del cargador con su sistema central.
code-vehicle-mode = El vehículo está en un estado en el que no puede cargar. Solo su conductor puede cambiarlo.
code-cable-check = Falló la prueba de aislamiento antes de cargar. Mire cable y conector; pruebe otro vehículo.
code-pre-charge = Cargador y vehículo no llegaron a la misma tensión antes de cargar. Pruebe otro vehículo.
code-no-internet = El cargador no llega a internet. Mire el router y la cobertura móvil.
code-pilot = La línea de señal entre cargador y vehículo está perturbada. Mire los contactos del conector.
code-no-power = Faltó el suministro. Mire los magnetotérmicos y el suministro del lugar.
code-vehicle-contactor = Falló el contactor del vehículo. Solo su taller puede ayudar.
code-cable-hot = El cable está demasiado caliente; la carga va más lenta o se detuvo. Mire contactos y refrigeración.
code-not-plugged = El conector no está del todo enchufado.
code-isolation = Aislamiento o capacidad fuera de límites. Haga que un electricista mida cargador y cable.
code-proximity = El cargador no sabe si hay algo enchufado. Mire los contactos del conector.
code-connector-voltage = Hay tensión en un conector que no debería tenerla. Ponga el punto fuera de servicio ya.
code-latch = El pestillo del conector está roto. Haga cambiar el conector.
code-cable-cut = El cable está cortado o robado. Ponga el punto fuera de servicio y asegure el extremo.

## How an incident is told

severity-low = Baja
severity-warning = Aviso
severity-critical = Crítica
event-opened = Nuevo
event-reminder = Sigue abierto
event-escalated = Nadie ha confirmado
event-recovered = Terminado
short = { $event }: { $title }, { $where }
short-recovered = Terminado tras { $minutes } min: { $title }, { $where }
subject = [plugtill] { $event }: { $title }, { $where }
billing = facturación
connector = { $charger } punto { $connector }
line-where = Dónde: { $where }
line-severity = Gravedad: { $severity }
line-since = Desde: { $since }
line-lasted = Duración: { $minutes ->
    [one] 1 minuto
   *[other] { $minutes } minutos
}
line-count = Visto: { $count ->
    [one] una vez
   *[other] { $count } veces
}
line-reported = Comunicado: { $facts }
line-session = Sesión: { $session }
line-means = Qué significa: { $text }
line-do = Qué hacer: { $text }
line-code = { $code }: { $text }
line-acknowledge = Diga que se ocupa usted, y no se recordará más a nadie: { $link }
line-look = Todo lo que se sabe: { $link }
digest-subject = [plugtill] { $site }: { $count ->
    [one] 1 asunto menor
   *[other] { $count } asuntos menores
} del último día
digest-sms = { $site }: { $count ->
    [one] 1 asunto menor
   *[other] { $count } asuntos menores
} del último día, por correo.
digest-head = Nada de esto corre prisa. Se comunica una vez al día.
digest-line = { $title }, { $where }: { $count } veces, { $minutes } min en total

## The month

report-title = El mes en cifras
report-sms = { $site }, { $month }: { $sessions } sesiones, facturado { $billed }, cobrado { $collected }. Más por correo.
report-head = { $site }, { $month }
report-sessions = Sesiones
report-energy = Energía en kWh
report-billed = Facturado, con impuestos
report-tax = De ello, impuestos
report-collected = Cobrado de tarjetas
report-refunded = Devuelto
report-fees = Retenido por Stripe y la plataforma
report-open = Pendiente
report-uncollectable = No pagado
report-waived = Perdonado
report-file = Cada sesión, día y asiento, en CSV, Excel o Parquet: { $link }
report-subject = [plugtill] { $site }: { $title }, { $month }
report-line = { $what }: { $figure }

## Drivers

driver-hold-declined = Su tarjeta no admitió la preautorización en { $charger }. Pague al final con otra tarjeta:
driver-unpaid = Su tarjeta no pagó { $amount } por cargar en { $charger }. Por qué, y otra tarjeta:
driver-reminder = Aún sin pagar: { $amount } por cargar en { $charger }. Pague aquí:
driver-balance-settled = Saldado: no se debe nada por cargar en { $charger }. Recibo:
driver-refunded = Se devolvió dinero por cargar en { $charger }. Recibo:
driver-charging-complete = Su vehículo en { $charger } ha terminado de cargar. Lo que debe hasta ahora:
driver-idle-soon = Desenchufe en { $charger }: en { $minutes } min empieza una tarifa por ocupación. Detalles:
driver-idle-running = Corre una tarifa por ocupación en { $charger } hasta que desenchufe. Lo que debe hasta ahora:
driver-receipt-ready = Cargar en { $charger } costó { $amount }. Recibo:

## The page of an incident

page-name = Su nombre
page-acknowledge = Me ocupo yo
page-acknowledged = { $by } se ocupa, desde { $since }.
