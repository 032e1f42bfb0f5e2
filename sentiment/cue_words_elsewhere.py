"""A few cue words of other languages, so that a plain call for help is not overlooked. As in `sentiment.cue_words`."""

ELSEWHERE: dict[str, str] = {
    "request": """
        ayuda | ayudan | ayudar* | por favor | necesito | quiero | aide | aidez | aider | s il vous plait | svp
        besoin | merci de | bitte | hilfe | brauche | helfen | aiuto | per favore | ajuda | preciso | lütfen
        yardım | tolong
    """,
    "fault_report": """
        no funciona | no sirve | no puedo | no llega | no me ha llegado | error | ne marche pas | ne fonctionne*
        en panne | impossible de | pas reçu | panne | funktioniert nicht | geht nicht | kaputt | störung
        non funziona | non riesco | não funciona | não consigo | çalışmıyor | gelmedi | kesildi | tidak bisa
        gangguan | sin internet | sin servicio
    """,
    "complaint": """
        problema* | queja | pésimo | pesimo | mal servicio | peor | estafa | vergüenza | problème* | honte | nul
        arnaque | inadmissible | retard | déçu | problem* | schlecht | unverschämt | enttäuscht | verspätung
        pessimo | vergogna | péssimo | vergonha | atraso | sorun | rezalet | şikayet | berbat | kecewa | parah
    """,
    "thanks": "gracias | merci | danke | grazie | obrigado | obrigada | teşekkür* | terima kasih | makasih",
}
"""Reason to phrases in other languages, the commonest only."""
