"""What a package's own licence field says: SPDX expressions, and the words of packagers, → licence class.

Only what is certain: a field whose every licence is a known open one is open source; a field that says freeware is free
of charge; one that says shareware or trial is a trial. Everything else (proprietary, custom, unknown words) stays
unknown: a packager's "proprietary" does not say who has to pay.

Source of the names: the SPDX licence list (spdx.org/licenses) and the short names in spec files of Fedora and openSUSE.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rules.product import LicenceClass

_OPEN = re.compile(
    r"(?:gnu[- ]?)?[al]?gpl(?:[ -]?v?[1-3](?:[.]\d)?)?(?:[ -]?(?:only|or[- ]later|or any later version)|\+)?|"
    r"gfdl[\w .-]*|mit(?:-\w+)?|(?:modified )?bsd(?:[ -]?\d[ -]?clause(?!-no-)[\w-]*|"
    r"[ -]with[ -]advertising|[ -]\w+)?|[0234]-clause bsd|"
    r"0bsd|apache(?:[ -]license)?(?:[, -]*(?:version )?v?[12]\.[01])?|asl[ -]?[12]\.[01]|mpl[ -]?v?[12]\.[01][\w-]*|"
    r"mozilla public license[\w .]*|isc|zlib(?:-\w+)?|libpng(?:-[\d.]+)?|psf(?:-?2?\.?0?)|"
    r"python(?:-[\d.]+)?|cnri-python\S*|"
    r"(?:gpl[+]? or )?artistic(?:[ -]?(?:license )?[12](?:\.0)?)?(?:-\w+)?(?:[ -]clarified)?|perl|ruby|tcl|"
    r"php(?:-[\d.]+)?|"
    r"epl[ -]?v?[12]\.0|cpl[ -]?1\.0|cddl[ -]?1\.[01]|cc0(?:-1\.0)?|unlicense|public[ -]domain|wtfpl|"
    r"ofl(?:-1\.[01])?(?:-\w+)?|sil open font license[\w .]*|bsl-1\.0|boost(?: software license)?|"
    r"x11(?:-\w+)?|xfree86\S*|"
    r"openssl(?:-\w+)?|ssleay\S*|curl|icu|ncsa|upl(?:-1\.0)?|postgresql|ms-(?:pl|rl)|sleepycat|ipl-1\.0|"
    r"hpnd(?:-\S+)?|"
    r"ftl|freetype|vim|eupl[ -]?1?\.?[0-2]?|cecill(?:-[\w.]+)?|w3c(?:-\d+)?|afl-[\d.]+|lppl(?:-[\d.]+\w?)?|"
    r"qpl(?:-1\.0)?|"
    r"ijg|bzip2(?:-[\d.]+)?|mpich2?|ntp|naist-\d+|unicode-(?:dfs|3)\S*|blueoak-1\.0\.0|mulanpsl-[12]\.0|"
    r"mulan psl ?v?[12]|"
    r"osl-[\d.]+|ecl-[12]\.0|nasa-1\.3|zpl-[\d.]+|fsfap|fsful\S*|bitstream[- ]vera|vera|smlnj|tcp-wrappers|info-zip|"
    r"beerware|dsdp|jasper-2\.0|json|mit-0|spl-1\.0|sgi-b-2\.0|tu-berlin\S*|xnet|zend(?:-2\.0)?|latex2e|knuth\S*|"
    r"cc-by(?:-sa)?[ -][1-4]\.0|copyleft|cpal-1\.0|apsl-2\.0|rpsl-1\.0|nokia|catosl-1\.1|"
    r"(?:llvm|classpath|gcc|bison|autoconf|font|openssl|linux-syscall|qt|swift|universal-foss|u-boot)\S*exception\S*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s+(?:and|or|with)\s+(?!later|any|advertising)|[(),;|&/]+|\s{2,}", re.IGNORECASE)
_FREE = re.compile(r"(?:freeware|免费软件|免费|free to use|gratis)", re.IGNORECASE)
_TRIAL = re.compile(r"(?:shareware|trial(?:ware)?|试用软件|共享软件)", re.IGNORECASE)
LONGEST = 2_000


@lru_cache(maxsize=8_192)
def licence_class_of(words: str | None) -> LicenceClass | None:
    """Return the class that a licence field says for certain, `None` when it says none."""
    text = (words or "")[:LONGEST].strip().strip("\"'")
    if not text:
        return None
    parts = [part for piece in _SPLIT.split(text) if (part := piece.strip(" .\t"))]
    if parts and all(_OPEN.fullmatch(part) for part in parts):
        return LicenceClass.OPEN_SOURCE
    if all(_FREE.fullmatch(part) for part in parts):
        return LicenceClass.FREE
    return LicenceClass.TRIAL if all(_TRIAL.fullmatch(part) for part in parts) else None
