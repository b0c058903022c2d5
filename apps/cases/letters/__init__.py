"""The words of the papers of a case. A letter is composed once, when it is issued, and printed from what was stored then."""
