# Only what the Americas say otherwise than Spain: the recent past stands in the preterite there.
failed-unreachable = La música de { $player } no sonó porque este Echo no pudo acceder a ella. Revisa la dirección de audio en la página de configuración.
failed-refused = La música de { $player } no sonó porque su dirección fue rechazada. Ponla otra vez en Music Assistant.
failed-server = La música de { $player } no sonó porque el servidor de música marcó un error. Ponla otra vez en Music Assistant.
failed-device = La música de { $player } no sonó porque este Echo tuvo un problema. Desconecta el Echo un momento y vuelve a intentarlo.
failed-unknown = La música de { $player } no sonó y Amazon no dice por qué. Ponla otra vez en Music Assistant.
elsewhere = Este Echo está vinculado a { $player }, pero Music Assistant inició { $started }. Si esto es { $started }, di: Alexa, dile a { $name } que esto es { $started }.
pair-ask-again = Disculpa, ¿qué reproductor es este Echo? Di su nombre tal como aparece en Music Assistant.
pair-no-players = Music Assistant todavía no me envía nada. Pon primero algo en este Echo desde ahí y vuelve a intentarlo.
nothing-to-confirm = No pregunté nada. Di ayuda para saber qué puedo hacer.
fallback = Disculpa, no te entendí. Di por ejemplo: Alexa, pídele a { $name } que reproduzca audio.
trouble = Algo salió mal. Inténtalo de nuevo.
not-found = No encontré música para { $heard }.
liked = Agregado a tus favoritos.
duration-unclear = No entendí cuánto tiempo.
control-failed = Music Assistant no pudo hacerlo. Inténtalo de nuevo.
