"""Who may open what, written by hand from DOMAIN.md §1: nothing here is computed from roles.py or scope.py.

A target is a child, an upload, a run … at a distance from the posts of the home cast (tests/access/world.py): ``own`` class, another
``class``, ``school``, ``village``, ``township``, ``district``; ``lives_away`` learns in the own class and lives in another township,
``learns_away`` lives in the own village and learns in another township.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHOOL = "registrar head_teacher principal"
LEADERS = "registrar principal central_school township bureau"
SEE_CHILDREN = "registrar head_teacher principal central_school township bureau inspector"
SEE_CASES = f"{SEE_CHILDREN} leader"
SEE_RUNS = "registrar principal central_school township bureau inspector"
SEE_REGISTERS = "registrar principal central_school township village bureau liaison inspector"
HAND_IN = "registrar central_school township village bureau liaison"
ALL = "registrar head_teacher subject_teacher principal central_school township village bureau liaison inspector leader administrator"
DISTRICT_CHILDREN = "own class school village township lives_away learns_away"
DISTRICT_UPLOADS = "school other_school other_township household other_household survey other_survey monitored whole committed far_committed"

# The children a post sees, and with them their findings, proofs, pairs and cases.
CHILDREN = {
    "registrar": "own class lives_away",
    "head_teacher": "own lives_away",
    "principal": "own class lives_away",
    "central_school": "own class school village lives_away learns_away",
    "township": "own class school village lives_away learns_away",
    "village": "own class school learns_away",
    "bureau": DISTRICT_CHILDREN,
    "inspector": DISTRICT_CHILDREN,
    "leader": DISTRICT_CHILDREN,
}
# Whose words may stand on any page of a post; 乡村振兴 sees comparison ③ alone, in which only two children are.
WORDS = CHILDREN | {"liaison": "own township", "subject_teacher": "own lives_away"}  # who takes the roll of a class reads its names
UPLOADS = {
    "registrar": "school committed",
    "principal": "school committed",
    "central_school": "school other_school household survey other_survey committed",
    "township": "school other_school household survey other_survey committed",
    "village": "survey",
    "bureau": DISTRICT_UPLOADS,
    "inspector": DISTRICT_UPLOADS,
    "liaison": "monitored",
}
# Children handed to a township or a village to bring back: by where they live, not by where they learn.
HANDED = {"township": "own class school village learns_away", "village": "own class school learns_away"}
OF_SCHOOL = {role: CHILDREN[role] for role in ("registrar", "head_teacher", "principal")}
# Uploads a post decides about: of a register that it hands in itself.
HANDLED = {
    "registrar": "school committed",
    "central_school": "household survey other_survey",
    "township": "household survey other_survey",
    "village": "survey",
    "bureau": DISTRICT_UPLOADS,
    "liaison": "monitored",
}
KINDS = {
    "registrar": "enrollment attending",
    "central_school": "household survey",
    "township": "household survey",
    "village": "survey",
    "bureau": "enrollment household attending monitored survey",
    "liaison": "monitored",
}
RUNS = dict.fromkeys(SEE_RUNS.split(), "home older")
ROSTERS = {
    "registrar": "own",
    "principal": "own",
    "central_school": "own school",
    "township": "own school",
    "bureau": "own school township",
    "inspector": "own school township",
}
SEE_ROLLS = "registrar head_teacher subject_teacher principal central_school township bureau inspector"
# Classes whose roll calls a post sees: of the schools where it stands, whoever lives where.
ROOMS = {
    "registrar": "own class",
    "head_teacher": "own",
    "subject_teacher": "own",
    "principal": "own class",
    "central_school": "own class school",
    "township": "own class school",
    "bureau": "own class school township",
    "inspector": "own class school township",
}
OWN_POST = dict.fromkeys(ALL.split(), "own")
POSTS = {"administrator": "own colleague"}


@dataclass(frozen=True, slots=True)
class Row:
    """What an address answers. ``seen``: role -> targets that answer; every other target is 404.

    ``get``, ``post``: the status, 405 where the method is not taken; ``refused``: roles whose POST on a seen target is shown again
    with its reason (422); ``unknown``: roles for whom the POST alone does not exist (404);
    ``closed``: roles with the right to which the address answers 404 all the same; ``also``: queries to be read as well.
    """

    who: str
    seen: dict[str, str] | None = None
    get: int = 200
    post: int = 405
    refused: str = ""
    unknown: str = ""
    closed: str = ""
    also: tuple[str, ...] = ()
    logged: bool = False  # a download of which one line is written into the log
    full_numbers: bool = False  # the one listed exception: a file back to those who handed it in


PLACES = "school={far_school}", "township={far_township}", "text=雀", "text={far_number}", "text={near_number}"
TABLE = {
    # the post and its workbench
    "workbench": Row(ALL),
    "switch_post": Row(ALL, OWN_POST, get=405, post=302),
    "hand_over": Row("administrator", POSTS, post=302),
    # notices: the addressed post alone, for whom the lists are made
    "notice_list": Row(ALL),
    "notice_count": Row(ALL),
    "notice_seen": Row(ALL, get=405, post=302),
    # registers
    "register_list": Row(SEE_REGISTERS, also=("kind=attending", "state=staged", "page=99")),
    "register_report": Row(HAND_IN, post=302, closed="registrar liaison"),
    "register_upload": Row(HAND_IN, KINDS, post=302),
    "register_template": Row(HAND_IN, KINDS),
    "register_show": Row(
        SEE_REGISTERS,
        UPLOADS,
        also=(
            "tab=new",
            "tab=changed",
            "tab=unchanged",
            "tab=missing",
            "tab=ended",
            "tab=problems",
            "tab=problems&show=kept",
            "tab=problems&show=cleaned",
        ),
    ),
    "register_problems": Row(HAND_IN, HANDLED, full_numbers=True),
    "register_headings": Row(HAND_IN, HANDLED, post=302),
    "register_missing": Row(HAND_IN, HANDLED, get=405, post=302),
    "register_commit": Row(HAND_IN, HANDLED, get=405, post=302),
    "register_discard": Row(HAND_IN, HANDLED, post=302),
    "register_undo": Row(HAND_IN, HANDLED, post=302),
    # the comparison
    "run_list": Row(SEE_RUNS, also=("page=99", "term=2026-2027-1")),
    "run_start": Row("bureau", get=405, post=302),
    "run_cancel": Row("bureau", RUNS, get=405, post=302),
    "run_show": Row(SEE_RUNS, RUNS, also=("township={far_township}", "stage=primary")),
    "run_children": Row(
        SEE_RUNS, RUNS, also=(*PLACES, "figure=second_not_returned", "figure=attending&school={far_school}", "village={far_village}")
    ),
    "run_statistics": Row(SEE_RUNS, RUNS, also=("level=district", "level=township", "level=village", "level=school")),
    "run_statistics_file": Row(SEE_RUNS, RUNS),
    "run_compare": Row(SEE_RUNS, RUNS, also=("with={foreign_run}", "kind=changed", "comparison=2")),
    "run_rosters": Row(SEE_RUNS, RUNS),
    "run_roster_file": Row(SEE_RUNS, ROSTERS),
    "run_sign": Row("principal township bureau", RUNS, post=302, refused="bureau"),
    "run_signed": Row(SEE_RUNS, RUNS),
    "finding_list": Row(SEE_CHILDREN, also=(*PLACES, "state=", "mine=1", "klass=2:not_returned", "page=99")),
    "finding_settle_many": Row(LEADERS, get=405, post=302),
    "finding_show": Row(SEE_CHILDREN, CHILDREN, post=302, refused="central_school township", unknown="head_teacher inspector"),
    "proof_file": Row(SEE_CHILDREN, CHILDREN),
    "doubtful_list": Row("registrar central_school bureau", also=("answer=all", "answer=ask")),
    "doubtful_show": Row("registrar central_school bureau", CHILDREN, post=302),
    "third_list": Row("bureau liaison inspector", also=("klass=lifted_out", "text=雀")),
    # the school day
    "roll_today": Row(
        SEE_ROLLS, also=("day=2026-11-20", "day=2026-11-22", "school={far_school}&day=2026-11-20", "township={far_township}&day=2026-11-20", "day=x")
    ),
    "roll_class": Row(SEE_ROLLS, ROOMS, post=302, unknown="central_school township bureau inspector", also=("day=2026-11-20", "day=2026-11-22")),
    "roll_remind": Row("registrar principal", ROOMS, get=405, post=302),
    # absences: contact with guardians, leave, and what inspectors look at
    "contact_list": Row(SCHOOL, also=("room=1", "page=99")),
    "contact_new": Row(SCHOOL, CHILDREN, post=302),
    "leave_list": Row(SEE_CHILDREN, also=("state=all", "state=overdue", "state=all&text=雀", "room=1", "text={far_number}")),
    "leave_new": Row(SCHOOL, CHILDREN, post=302, also=("contact={far_contact}",)),
    "leave_show": Row(SEE_CHILDREN, CHILDREN),
    "leave_decide": Row(SCHOOL, CHILDREN, get=405, post=302),
    "leave_return": Row(SCHOOL, CHILDREN, get=405, post=422),  # a leave that nobody approved yet
    "leave_withdraw": Row(SCHOOL, CHILDREN, get=405, post=302),
    "leave_proof_add": Row(SCHOOL, CHILDREN, get=405, post=302),
    "leave_slip_pdf": Row(f"{SCHOOL} bureau", CHILDREN),
    "leave_slip_docx": Row(f"{SCHOOL} bureau", CHILDREN),
    "leave_proof": Row(f"{SCHOOL} bureau", CHILDREN, logged=True),
    "honesty_list": Row("bureau inspector", also=("kind=leave", "kind=full", "township={far_township}", "page=99")),
    "honesty_class": Row("bureau inspector", ROOMS),
    # the three lines (in the world of the matrix every report is issued, no letter signed for)
    "report_list": Row(
        SEE_CHILDREN, also=("text=雀", "text={far_number}", "school={far_school}", "state=all", "state=overdue", "state=unsigned", "page=99")
    ),
    "report_show": Row(SEE_CHILDREN, CHILDREN),
    "report_verify": Row("principal", CHILDREN, get=302, post=302, refused="principal"),
    "platform_show": Row("registrar principal", CHILDREN, post=302),
    "platform_number": Row("registrar principal", CHILDREN, get=405, post=200),
    "platform_file": Row("registrar principal"),
    "letter_pdf": Row(SEE_CHILDREN, CHILDREN),
    "letter_docx": Row(SEE_CHILDREN, CHILDREN),
    "letter_sign": Row("township bureau", HANDED, get=405, post=302, closed="bureau"),
    "letter_reply": Row("township bureau", HANDED, get=405, post=302, refused="township", closed="bureau"),
    "away_send": Row("bureau", CHILDREN, get=405, post=302, refused="bureau"),
    "away_reply": Row("bureau", CHILDREN, get=405, post=302),
    "assignment_list": Row("township village"),
    "assignment_sheet": Row("township village"),
    "assignment_show": Row("township village", HANDED),
    "people_name": Row("township bureau", HANDED, get=405, post=302, refused="township", closed="bureau"),
    # cases and children
    "case_list": Row(SEE_CASES, also=(*PLACES, "state=open")),
    "case_show": Row(SEE_CASES, CHILDREN),
    "child_list": Row(f"{SEE_CHILDREN} village", also=PLACES),
    "child_show": Row(f"{SEE_CHILDREN} village", CHILDREN),
    "child_reveal": Row(LEADERS, CHILDREN, get=405, post=200),
}
# Answers that depend on the state an upload is in: a page that has nothing to ask leads back to the upload.
LEAD_BACK = {
    ("register_headings", "committed"), ("register_headings", "far_committed"), ("register_discard", "committed"),
    ("register_discard", "far_committed"),
    *(("register_undo", target) for target in DISTRICT_UPLOADS.split() if "committed" not in target),
}  # fmt: skip
# Uploads that keep no marked file: there is nothing to download.
NO_FILE = {("register_problems", "committed"), ("register_problems", "far_committed")}
# A run that is not the last one any more has no signature of its own to refuse: it is signed like any other.

# Addresses without a post's right: name -> (anonymous GET, logged-in GET, logged-in POST).
OPEN = {
    "login": (200, 302, 302),
    "logout": (302, 405, 302),
    "password_change": (302, 200, 200),
    "healthz": (200, 200, 405),
    "service_worker": (200, 200, 405),
}
# What the administrator may do with each table (what registers stand on cannot be deleted); nobody else finds any address of the admin.
ADMIN = {
    "schools_region": "add change delete",
    "schools_school": "add change sheet",
    "schools_catchment": "add change delete",
    "schools_schoolclass": "add change sheet",
    "schools_term": "add change",
    "schools_calendarday": "add change delete sheet",
    "schools_calendaryear": "add change",
    "schools_closure": "add change delete",
    "schools_policyvalue": "add change delete",
    "accounts_user": "add change",
    "accounts_post": "add change sheet",
}
# Path arguments -> what they name; an address with any other argument fails until somebody decides who may open it.
ARGUMENTS = {
    "upload_id": "upload", "kind": "kind", "run_id": "run", "finding_id": "finding", "proof_id": "proof", "pair_id": "pair", "case_id": "case",
    "leave_id": "leave", "leave_proof_id": "leave proof", "class_id": "room", "child_id": "child", "post_id": "post", "school_code": "school",
    "roster": "roster", "object_id": "admin", "app_label": "admin",
    "report_id": "report", "line_id": "letter", "away_id": "away",
}  # fmt: skip
