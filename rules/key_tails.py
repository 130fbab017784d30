"""Last five characters of product keys that are published for everybody: they say which channel, never who paid.

Windows: Microsoft, "Key Management Services (KMS) client activation and product keys", windowsserverdocs, 1 October
2024. Office: Microsoft, "GVLKs for KMS and Active Directory-based activation", OfficeDocs-DeployOffice (2016 to LTSC
2021). Later and earlier releases of Office: lists of others that agree with each other; they are used for a hint at
most. A key is never here whole. A client with such a key is lawful where the unit has an approved KMS host.
"""

from __future__ import annotations

_WINDOWS = """
    MY832 YP6DF 8MCRC VMK7H 6VM33 KHMXV J464C 63DFG YY726 KHKQY 8XDDG 4M63B 724CC CWH2D T83GX GCQG9 6Q84J
    6XYWF J447Y 66QFC VCFB2 MDWWJ 2YT43 KHJW4 4M68B T84FV J462D 7CG2H PDQGT QJ4BJ 8B639 76DF9 D69TJ 9W4KR
    7FVDG GF6G4 BWTG6 MDVJX Q3VJ9 M4FWM 92BT4 CYQJJ QGJ2G 8W83P J2MPV 6RTM4 9QCTX R7VHC CPX3Y 7M648 CB83V
    M249D BFGM2 6FFFJ X4Q6V G3FPG 6X7HP TCBY3 G3QQC PDRHK 9D6T9 B4FXY MKKG7 JFFXW J8CK4 2RYQQ CWCK7 X2BQT
    GPDD4 QY7MG GF7QX HVTHH XCKRJ H9DH4 2V3X8 VMQBT 4BWMV XJXKV
"""
_OFFICE = """
    6F7TH 78VT3 QV9H8 T3D4T K2HT4 4M8QG FC4T4 G6RVC T86R9 GX27K KFBGQ XK29P X79KV 6MWKP 9D9HK PKD2B JXD2M
    7VCBB X4VQ2 YTFQT RVXBD XW4VK TJHMQ C9Y9V HMKHJ WXD33 WFG99 DRTFM G83KT KQBVC RJRJK W8GF4 QPFDW 7FTBF
    XW3J6 6MT9B BY6C6 8K837 DDBV6 3PFJ6
"""
_OFFICE_FROM_OTHERS = """
    GCVGB H6HGR 76HF4 G87F8 YY89G WQQTV GVGXT 92CD4 2342K 8QHTT RM3B3 H3GVB 8R6BM
"""
_DEFAULT = """
    3V66T 8HVX7 8TYMD 6F4BT 2YV77 7CFBY MHBPB 8HV2C DYJWX P39PB 6F7W2 CBCPV
"""

GVLK_TAILS = frozenset((_WINDOWS + _OFFICE + _OFFICE_FROM_OTHERS).split())
"""Keys for clients of a KMS or of Active Directory."""
GENERIC_TAILS = frozenset(_DEFAULT.split())
"""Keys that set-up, an upgrade or a digital licence puts in by default."""
