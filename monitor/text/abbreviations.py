"""Abbreviations whose stop ends no sentence (MATCHING 6), folded, without their stop.

Only those that are no word of their own in another language: "no." stays a stop, and so does "art.". A single letter
needs no entry.
"""

from __future__ import annotations

_LISTED = """
    mr mrs ms dr prof st gen lt col sgt maj capt cpl cmdr adm brig sen rep gov pres hon rev fr nos vs dept fig approx
    jan feb apr jun jul aug sep sept oct nov dec tue tues wed thu thur thurs fri ave blvd mt ft eg ie
    jr sr inc ltd corp bros est ret supt det insp amb atty messrs
    mme mmes mlle mgr av bd env vol chap janv fevr juil
    nr bzw ca mio mrd usw evtl ggf sog vgl str inkl zzgl abs hptm oberstlt
    sra srta dra ud uds gral cnel pdte avda
    sig sigg dott avv ing mons
    doc yrd sn cad sok bsk tugg korg vb mah apt
    им ул пр просп пл св стр гг тыс млн млрд руб коп проф акад доц ген полк кап лейт ред изд обл гор пос дер
    тел рис вул пров імен тис грн обл див
"""
ABBREVIATIONS = frozenset(_LISTED.split())
"""Words that a stop shortens."""
