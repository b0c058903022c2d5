"""Changes to the registers: take a file in, read it, answer its questions, commit it, undo it.

Every function is keyword-only, atomic and audited; an expected "no" is a ``Refused`` with a sentence for the person.
"""

from apps.registers.actions.commit import commit_upload
from apps.registers.actions.load import load_register
from apps.registers.actions.read import read_upload, release_stuck_reads
from apps.registers.actions.receive import answer_missing, discard_upload, learn_headings, receive_upload
from apps.registers.actions.school_list import SchoolsLoaded, load_schools
from apps.registers.actions.undo import hold_uploads, undo_upload

__all__ = [
    "SchoolsLoaded",
    "answer_missing",
    "commit_upload",
    "discard_upload",
    "hold_uploads",
    "learn_headings",
    "load_register",
    "load_schools",
    "read_upload",
    "receive_upload",
    "release_stuck_reads",
    "undo_upload",
]
