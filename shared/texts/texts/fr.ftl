# What people are told, in French. en.ftl says what each message is for.

## Incidents

charger-fault = Panne de la borne
    .means = La borne signale une panne et ne charge personne tant qu'elle dure.
    .do = Regardez l'écran ou la page web de la borne, redémarrez-la ; si la panne revient, appelez son fabricant.
connector-unavailable = Point de charge indisponible
    .means = Le point de charge se dit hors service, sans nommer de panne.
    .do = Quelqu'un y travaille peut-être. Sinon, remettez-le en service depuis la supervision ou redémarrez la borne.
charger-offline = Borne hors ligne
    .means = La borne n'a plus de connexion. Elle charge peut-être encore et le dira plus tard ; le démarrage à distance est impossible.
    .do = Regardez d'abord le routeur et le réseau mobile du site, puis l'alimentation de la borne.
power-loss = Coupure de courant
    .means = Une session s'est terminée parce que le courant a manqué à la borne.
    .do = Regardez le disjoncteur et le différentiel de la borne, puis l'alimentation du site.
emergency-stop = Arrêt d'urgence
    .means = Quelqu'un a pressé l'arrêt d'urgence. Rien ne charge tant qu'il n'est pas déverrouillé sur place.
    .do = Assurez-vous que personne n'est en danger. Cherchez ensuite la cause, déverrouillez et redémarrez la borne.
meter-anomaly = Le compteur dit l'impossible
    .means = Les relevés d'un compteur se contredisent ou contredisent la puissance de la borne. Ce qui n'est pas crédible n'est pas facturé.
    .do = Regardez les preuves de la session. Si cela se répète, faites vérifier le compteur.
messages-missing = Il manque des messages d'une session
    .means = D'après la numérotation de la borne, des messages d'une session ne sont jamais arrivés. Elle est facturée d'après ceux qui sont là.
    .do = Si cela se répète, vérifier la connexion de la borne et le nombre de messages qu'elle garde hors ligne.
clock-wrong = Horloge de la borne fausse
    .means = L'horloge de la borne s'écarte plus que ne l'explique une connexion lente. Ses messages attendent en quarantaine.
    .do = Donnez à la borne un serveur de temps ou redémarrez-la ; libérez ensuite ses messages de la quarantaine.
stuck-session = Session sans fin
    .means = Une session en cours est sans nouvelles depuis un jour. Elle n'est ni terminée ni facturée.
    .do = Regardez si un véhicule est là. Arrêtez la session ou faites-la facturer sur ce qui est connu.
zero-energy = Sessions sans énergie
    .means = Des véhicules restent branchés à ce point de charge et ne prennent pas d'énergie.
    .do = Essayez le point de charge. Un câble usé, un mauvais contact ou une limite à zéro sont les causes habituelles.
failed-starts = Démarrages échoués en série
    .means = Les sessions à ce point de charge se terminent à peine commencées.
    .do = Essayez le point de charge. Regardez câble, fiche et verrou ; sinon les conducteurs iront ailleurs.
stall-blocked = Place bloquée
    .means = Un véhicule a fini de charger et reste branché.
    .do = Le conducteur a été prévenu si c'était possible. Regardez si d'autres attendent.
site-storm = Beaucoup de bornes en panne
    .means = Plusieurs bornes du site sont tombées en quelques minutes : la cause est sans doute la même, courant, réseau ou supervision.
    .do = Regardez d'abord l'alimentation et le routeur du site. Les bornes ne sont pas signalées une à une.
payment-failing = Cartes refusées en série
    .means = Plusieurs préautorisations de suite ont été refusées sur ce site. C'est aussi ainsi que l'on essaie des cartes volées.
    .do = Regardez les refus dans Stripe. S'ils se ressemblent, bloquez leur source par une règle Radar.
capture-overdue = Une préautorisation va expirer
    .means = Une préautorisation n'a été ni renouvelée ni encaissée à temps et expire dans quelques heures.
    .do = Regardez le journal de settle, et si Stripe répond.
billing-stopped = Sessions non facturées
    .means = Des sessions terminées attendent plus que prévu. Rien n'est encore perdu, mais rien ne rentre.
    .do = Regardez le journal de settle et ses messages en échec, et si Stripe répond.
dispute = Paiement contesté
    .means = Un titulaire de carte conteste ce qu'une session a coûté. Stripe retient l'argent jusqu'à la décision.
    .do = Demandez les preuves de la session et envoyez-les à Stripe avant la date indiquée.
driver-asks = Un conducteur signale un problème
    .means = Un conducteur a écrit au sujet de sa session, sur la page de celle-ci.
    .do = Regardez la session : relevés, facture et argent y sont côte à côte. Remboursez ce qui était faux, et répondez s'il a laissé une adresse.
payment-unknown = Issue d'un paiement inconnue
    .means = Depuis plus d'une heure, Stripe ne dit pas ce qu'un paiement est devenu. On redemande ; rien n'est pris deux fois.
    .do = Regardez la page d'état de Stripe. Si Stripe marche, cherchez-y le paiement par le nom de la session.
reconciliation-differs = Livres et Stripe diffèrent
    .means = Nos livres et ceux de Stripe ne concordent pas.
    .do = Lancez le rapprochement : il montre chaque écart et sa correction, d'abord sans l'appliquer.
webhook-silence = Stripe n'envoie rien
    .means = Stripe déplace de l'argent et n'envoie aucun événement à ce sujet.
    .do = Regardez dans Stripe si le webhook est activé et ce qu'il répond.
stripe-key-refused = Stripe refuse la clé
    .means = Stripe refuse notre clé. Rien ne peut être réservé, encaissé ni remboursé tant que cela dure.
    .do = Regardez dans Stripe si la clé est révoquée ou manque d'un droit, et mettez-en une valable dans le secret.
dead-letters = Messages non traités
    .means = Des messages ont échoué plusieurs fois et ont été mis de côté. Ce qu'ils demandaient n'est pas fait.
    .do = Regardez le journal de la fonction de cette file, corrigez la cause et remettez les messages.
alert-undeliverable = Alertes sans destinataire
    .means = Personne n'est atteint à coup sûr : aucune adresse e-mail confirmée, ou l'envoi échoue.
    .do = Abonnez une adresse e-mail aux alertes et confirmez-la par le lien dans le message de SNS.

## What chargers report

code-connector-lock = La fiche n'a pu être verrouillée ou déverrouillée. Cherchez saleté ou câble tendu, puis le moteur du verrou.
code-vehicle-communication = Borne et véhicule ne se comprennent pas. Essayez un autre véhicule ; s'il échoue aussi, regardez le câble.
code-ground = Un courant fuit vers la terre. Éloignez les gens du câble et faites mesurer l'isolement par un électricien.
code-temperature = Quelque chose est trop chaud. Regardez ventilateurs, filtres et contacts ; cela reprend seul une fois refroidi.
code-internal = L'électronique ou le logiciel de la borne a failli. Redémarrez-la ; si cela revient, appelez son fabricant.
code-local-list = La liste de badges de la borne est périmée. Renvoyez-la ; le paiement par carte n'est pas concerné.
code-other = La borne ne nomme aucune cause normalisée. Le code du fabricant en dit plus.
code-over-current = Plus de courant que permis a été tiré. Un autre véhicule dira si la faute est au véhicule ou à la borne.
code-over-voltage = La tension d'alimentation est trop haute. Faites mesurer l'alimentation.
code-under-voltage = La tension d'alimentation est trop basse. Faites mesurer l'alimentation et ses connexions.
code-meter = Le compteur ne peut être lu. Sans lui rien n'est facturable ; faites-le remplacer.
code-power-switch = Le contacteur ne commute pas. Mettez le point de charge hors service et faites-le remplacer.
code-reader = Le lecteur de carte ou de badge ne marche pas. Les conducteurs peuvent encore démarrer par la page web.
code-reset = La borne n'a pu redémarrer seule. Coupez et remettez son courant.
code-signal = Le signal radio est faible. Une meilleure antenne ou un câble aide.
code-emergency = L'arrêt d'urgence est pressé.
code-authorisation = Le conducteur n'a pas été autorisé à temps. Regardez la connexion de la borne à la supervision.
code-vehicle-mode = Le véhicule est dans un état où il ne peut charger. Seul son conducteur peut le changer.
code-cable-check = Le test d'isolement avant la charge a échoué. Regardez câble et fiche ; essayez un autre véhicule.
code-pre-charge = Borne et véhicule n'ont pas atteint la même tension avant la charge. Essayez un autre véhicule.
code-no-internet = La borne n'atteint pas l'internet. Regardez le routeur et le réseau mobile.
code-pilot = La ligne de signal entre borne et véhicule est perturbée. Regardez les contacts de la fiche.
code-no-power = L'alimentation a manqué. Regardez les disjoncteurs et l'alimentation du site.
code-vehicle-contactor = Le contacteur du véhicule a failli. Seul son garage peut aider.
code-cable-hot = Le câble est trop chaud ; la charge est ralentie ou arrêtée. Regardez contacts et refroidissement.
code-not-plugged = La fiche n'est pas enfoncée à fond.
code-isolation = Isolement ou capacité hors limites. Faites mesurer borne et câble par un électricien.
code-proximity = La borne ne sait pas si quelque chose est branché. Regardez les contacts de la fiche.
code-connector-voltage = Une fiche qui devrait être hors tension ne l'est pas. Mettez le point de charge hors service tout de suite.
code-latch = Le loquet de la fiche est cassé. Faites remplacer la fiche.
code-cable-cut = Le câble est coupé ou volé. Mettez le point de charge hors service et sécurisez le bout.

## How an incident is told

severity-low = Faible
severity-warning = Avertissement
severity-critical = Critique
event-opened = Nouveau
event-reminder = Toujours ouvert
event-escalated = Personne n'a confirmé
event-recovered = Terminé
short = { $event } : { $title }, { $where }
short-recovered = Terminé après { $minutes } min : { $title }, { $where }
subject = [plugtill] { $event } : { $title }, { $where }
billing = facturation
connector = { $charger } point de charge { $connector }
line-where = Où : { $where }
line-severity = Gravité : { $severity }
line-since = Depuis : { $since }
line-lasted = Durée : { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
line-count = Vu : { $count } fois
line-reported = Signalé : { $facts }
line-session = Session : { $session }
line-means = Ce que cela veut dire : { $text }
line-do = Que faire : { $text }
line-code = { $code } : { $text }
line-acknowledge = Dites que vous vous en occupez, et personne ne sera plus relancé : { $link }
line-look = Tout ce qui en est connu : { $link }
digest-subject = [plugtill] { $site } : { $count ->
    [one] { $count } petite affaire
   *[other] { $count } petites affaires
} du dernier jour
digest-sms = { $site } : { $count ->
    [one] { $count } petite affaire
   *[other] { $count } petites affaires
} du dernier jour, par e-mail.
digest-head = Rien de cela ne presse. C'est dit une fois par jour.
digest-line = { $title }, { $where } : { $count } fois, { $minutes } min en tout

## The month

report-title = Le mois en chiffres
report-sms = { $site }, { $month } : { $sessions } sessions, facturé { $billed }, encaissé { $collected }. Suite par e-mail.
report-head = { $site }, { $month }
report-sessions = Sessions
report-energy = Énergie en kWh
report-billed = Facturé, taxes comprises
report-tax = Dont taxes
report-collected = Encaissé par carte
report-refunded = Rendu
report-fees = Gardé par Stripe et la plateforme
report-open = Encore dû
report-uncollectable = Non payé
report-waived = Abandonné
report-file = Chaque session, jour et écriture, en CSV, Excel ou Parquet : { $link }
report-subject = [plugtill] { $site }: { $title }, { $month }
report-line = { $what }: { $figure }

## Drivers

driver-hold-declined = Votre carte n'a pas supporté la préautorisation à { $charger }. Payez à la fin par une autre carte :
driver-unpaid = Votre carte n'a pas payé { $amount } pour la charge à { $charger }. Pourquoi, et autre carte :
driver-reminder = Toujours impayé : { $amount } pour la charge à { $charger }. Payez ici :
driver-balance-settled = Réglé : rien n'est dû pour la charge à { $charger }. Reçu :
driver-refunded = De l'argent a été rendu pour la charge à { $charger }. Reçu :
driver-charging-complete = Votre véhicule à { $charger } a fini de charger. Ce que vous devez jusqu'ici :
driver-idle-soon = Débranchez à { $charger } s'il vous plaît : des frais d'occupation dans { $minutes } min. Détails :
driver-idle-running = Des frais d'occupation courent à { $charger } jusqu'au débranchement. Dû jusqu'ici :
driver-receipt-ready = La charge à { $charger } a coûté { $amount }. Reçu :

## The page of an incident

page-name = Votre nom
page-acknowledge = Je m'en occupe
page-acknowledged = { $by } s'en occupe, depuis { $since }.
