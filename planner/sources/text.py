"""How is text from files, feeds and maps made harmless and comparable?"""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 200


def clean_text(value: object, *, limit: int = MAX_TEXT) -> str:
    r"""Return a cell as one line of at most ``limit`` printable characters.

    Control, formatting and private-use characters are taken out (a bidirectional override can
    make a name read as another one); runs of white space become one space.

    Examples
    --------
    >>> clean_text("  Sale\x00 \n Library\u202e ")
    'Sale Library'
    """
    text = "" if value is None else str(value)
    spaced = re.sub(r"\s+", " ", text[: limit * 20])
    plain = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    return re.sub(r" +", " ", plain).strip()[:limit].rstrip()


def comparable(text: str) -> str:
    """Return a name as it is compared: without case, accents of form and doubled spaces.

    Examples
    --------
    >>> comparable("The  GATEWAY ") == comparable("the gateway")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def header_words(header: object) -> str:
    """Return a header as lower-case words, taken apart at capitals and signs.

    Examples
    --------
    >>> header_words("EstablishmentName"), header_words("% of_All")
    ('establishment name', 'of all')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(header))
    return " ".join(re.findall(r"[a-z0-9]+", apart.casefold()))


def slug(text: str, *, limit: int = 60) -> str:
    """Return text as lower-case ASCII words joined by hyphens, for use in an id.

    Examples
    --------
    >>> slug("St. Julian's Library (Llyfrgell Tŷ)")
    'st-julians-library-llyfrgell-ty'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower().replace("'", ""))
    return words.strip("-")[:limit].strip("-")
