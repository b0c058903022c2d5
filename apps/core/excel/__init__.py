"""Spreadsheets in and out, without Django and without knowing any register.

``guard`` looks at the bytes before anybody parses them, ``read`` gives rows of cells, ``child`` runs the reading in a bounded
process, ``write`` makes workbooks (the only one that needs openpyxl).
"""
