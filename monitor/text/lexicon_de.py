"""German words that are no names, so that their genitive in s is an inflected form. Our own small lists."""

from __future__ import annotations

_NOUNS = """
    abgeordneter abkommen abzug alarm amerikaner amt anführer angebot angriff anschlag anteil antrag anwalt
    apparat araber arbeiter arzt attentat aufklärer aufstand auftrag auftritt auge ausbruch ausland ausstieg
    auto bahnhof ballon banken barrel beamter befehl beginn beitrag bericht besuch betrieb bezirk bild bischof
    boden bombardement bomber boot botschafter brand brennstoff brief bruch brunnen bundestag bürger chef
    computer damm datum demonstrant dienst ding diplomat dokument dollar dorf drittel drohnenschlag druck
    eigentum einbruch einmarsch embargo emir ende entwurf erdbeben erfolg euro export fahrer fahrzeug fall
    fehler feind feld fenster feuer film flug flughafen flugzeug flugzeugträger flügel fortschritt foto frieden
    fund führer gebiet gebäude gefecht gegner gehalt geheimdienst geld gelände general gericht gerichtshof
    gerücht gesandter gespräch gewehr gewinn gewitter gift gipfel glück grund hafen halt handel haushalt heer
    herr herzog hilfswerk himmel hof hotel hubschrauber händler imam import interview iraner israeli jahr
    jahrhundert jet journalist kabinett kampf kanal kandidat kanzler kapitän kilometer kind klimawandel knoten
    kommando konflikt konsul konsulat kontakt kontinent konto konvoi konzern krater kredit krieg kämpfer könig
    lager land leben leiter lieferant luftraum luftschlag mandat manöver markt marschflugkörper material medium
    meer menschenhandel meter migrant militär minenräumer minister ministerium mitglied modell moment monat
    monitor mord motor museum mädchen nachbar nachschub nebel niveau objekt offizier opfer orden ort pakt
    palästinenser panzer papst parlament parteichef pilot plan politiker polizist posten problem produkt
    programm projekt protest prozent präsident punkt putsch radar rand rat raum rauschen rebell recht referendum
    regen regime reporter rest richter roboter rohstoff russe rückzug sabotageakt satellit schaden scheich
    schiff schlag schmuggel schmuggler schnee schritt schüler schütze senat sender sicherheitsrat sieg signal
    soldat sommer sprecher sprengstoff staat stab stadion stau stoff strand streik streit strom student sturm
    stück stützpunkt sultan system tanker telefon tempel terror terrorist test text tier tod transport treffen
    treffer treibstoff truppenabzug träger tsunami tunnel turm täter ufer unfall unglück unterhändler
    unternehmen unterschied urteil verband verbot verbrechen verdacht verein verhandler verhör verkehr
    verletzter verlust vermittler versuch vertrag vertreter visum volk volkszorn vorfall vorrat vorschlag
    vorwurf vulkan wachstum waffenhandel waffenstillstand wahlkampf wandel wasser weg werk wert wetter
    widerstand wille winter wirt wort zentrum zerstörer zeuge ziel zimmer zoll zug zustand
"""
COMMON_NOUNS = frozenset(_NOUNS.split())
"""Masculine and neuter nouns of the news."""

COMPOUND_TAILS = tuple(noun for noun in sorted(COMMON_NOUNS) if len(noun) > 5)
"""Those that also end compounds; shorter ones end too many names (Düsseldorf, Utrecht, Bukarest)."""

_OTHER_WORDS = """
    link recht bereit ander teil ein kein mein dein sein eben mittel abend morgen nacht mittag vormittag nachmittag
    montag dienstag mittwoch donnerstag freitag samstag sonntag stet jeweil damal niemal jemal mehrmal oftmal einst
    erst meist best höchst allerding rückwärt vorwärt nirgend eigen unterweg längst wenigsten mindesten al da wa
"""
NO_GENITIVES = frozenset(_OTHER_WORDS.split())
"""Words that with an s are other words: links, rechts, bereits, anders."""
