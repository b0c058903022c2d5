"""Make children out of linked lines: every line in force belongs to exactly one child of the run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from apps.reconciliation.models import Run
from apps.reconciliation.queries import grouping
from apps.reconciliation.queries.grouping import Line
from apps.registers.actions import children
from apps.registers.actions.difference import lock_district
from apps.schools import queries as places
from apps.schools.rules import cohort_bounds


class Groups:
    """Union-find over lines. Two groups that both hold a line of the same register join only through a duplicate link, and two that hold
    lines of which a person said "two children" not at all."""

    def __init__(self, lines: list[Line], different: Iterable[tuple[int, int]] = ()) -> None:
        self.parent = {line.id: line.id for line in lines}
        self.kinds: dict[int, frozenset[str]] = {line.id: KIND_SETS[line.kind] for line in lines}
        self.others: dict[int, list[int]] = defaultdict(list)  # group -> lines that are another child
        for one, other in different:
            self.others[one].append(other)
            self.others[other].append(one)

    def find(self, line: int) -> int:
        """The line that stands for a line's group."""
        while self.parent[line] != line:
            self.parent[line] = self.parent[self.parent[line]]
            line = self.parent[line]
        return line

    def join(self, left: int, right: int, *, inside: bool) -> bool:
        """Join two lines' groups; False where both already hold the same register (the surer link came first)."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return True
        if not inside and self.kinds[a] & self.kinds[b]:
            return False
        if any(self.find(line) == b for line in self.others.get(a, ()) if line in self.parent):
            return False
        a, b = min(a, b), max(a, b)
        self.parent[b] = a
        self.kinds[a] = self.kinds[a] | self.kinds[b]
        if b in self.others:
            self.others[a] += self.others.pop(b)
        return True


ORDER = ("household", "enrollment", "attending", "monitored", "survey")
KIND_SETS = {kind: frozenset((kind,)) for kind in ORDER}


@transaction.atomic
def group_children(*, run: Run) -> int:
    """Join lines into children, give each its stable child row, and write the run's rows without classes. Returns how many children.

    No commit comes between: it would give new lines to children that are just being joined or parted.
    """
    with connection.cursor() as cursor:
        lock_district(cursor, run.district_code)
    lines = grouping.lines(run)
    groups = Groups(lines, grouping.different(run))
    for left, right, inside in grouping.links(run):
        if left in groups.parent and right in groups.parent:
            groups.join(left, right, inside=inside)
    members: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        members[groups.find(line.id)].append(line)
    owner = give_children(run, members)
    policy = places.policy(district=run.district_code, day=run.as_of)
    first, last = cohort_bounds(run.term.school_year, entry_age=policy["entry_age"], leaving_age=policy["leaving_age"], cutoff=policy["entry_cutoff"])
    rows = (row(owner[g], held) for g, held in members.items())
    count = grouping.write_groups(run, rows, first=first.isoformat(), last=last.isoformat())
    grouping.forget_doubts(run)
    return count


def give_children(run: Run, members: dict[int, list[Line]]) -> dict[int, int]:
    """Give every group its child and every line of it to that child. Returns group -> child.

    A child that is left without lines is merged into the one that took most of them; where they part again, it comes back.
    """
    owner, late = own(members, {})
    once: dict[int, list[int]] = {}
    back: dict[int, int] = {}
    if late:
        once = grouping.before_merges(run, {line.child for group in late for line in members[group]})
        back = revived(members, once, owner)
        owner, late = own(members, back)
    fresh = grouping.new_children(len(late)) if late else []
    owner |= dict(zip(late, fresh, strict=True))
    moved = [(line.id, owner[g], line.child) for g, held in members.items() for line in held if line.child != owner[g]]
    standing = {line.id for held in members.values() for line in held}
    past = [(line, had[0]) for line, had in once.items() if line not in standing and had[0] in back.values()]
    grouping.write_children(run, [(line, new) for line, new, _ in moved] + past, list(zip(fresh, late, strict=True)))
    grouping.merge_children([*gone(members, owner), *along(members, owner, once, back)])
    refresh({child for _, new, old in moved for child in (new, old)} | set(back.values()))
    return owner


def own(members: dict[int, list[Line]], back: dict[int, int]) -> tuple[dict[int, int], list[int]]:
    """Which child each group is: the one that comes back with it (``back``), else the one most of its lines had, first come.

    Returns group -> child, and the groups that came too late and need a new child.
    """
    claims: list[tuple[int, int, int, list[int]]] = []
    for group, held in members.items():
        if group in back:
            continue
        children = [line.child for line in held]
        if children.count(children[0]) == len(children):  # nearly always
            claims.append((-len(children), group, children[0], []))
            continue
        counted = Counter(children)
        child, count = min(counted.items(), key=lambda item: (-item[1], item[0]))
        claims.append((-count, group, child, [c for c, _ in counted.most_common()]))
    owner = dict(back)
    taken = set(back.values())
    late = []
    for _, group, child, others in sorted(claims):
        choice = next((c for c in (child, *others) if c not in taken), None)
        if choice is None:
            late.append(group)
        else:
            taken.add(choice)
            owner[group] = choice
    return owner, late


def revived(members: dict[int, list[Line]], once: dict[int, list[int]], owner: dict[int, int]) -> dict[int, int]:
    """Group -> merged child that comes back with it, because an earlier run gave it these lines (``once``: line -> children, latest first).

    The child they were merged into keeps one group.
    """
    claims = Counter((group, once[line.id][0]) for group, held in members.items() for line in held if line.id in once)
    back: dict[int, int] = {}
    for (group, child), _ in sorted(claims.items(), key=lambda item: (-item[1], item[0])):
        if group not in back and child not in back.values():
            back[group] = child
    groups_of: dict[int, list[int]] = defaultdict(list)
    for group, held in members.items():
        for child in {line.child for line in held}:
            groups_of[child].append(group)
    for child, groups in groups_of.items():
        if all(group in back for group in groups):
            back.pop(next((group for group in groups if owner.get(group) == child), groups[0]))
    return back


def gone(members: dict[int, list[Line]], owner: dict[int, int]) -> Iterator[tuple[int, int]]:
    """(old child, new child) for children that own no group any more, by where most of their lines went."""
    kept = set(owner.values())
    went: dict[int, Counter[int]] = defaultdict(Counter)
    for group, held in members.items():
        for line in held:
            if line.child not in kept:
                went[line.child][owner[group]] += 1
    for old, targets in went.items():
        yield old, min(targets.items(), key=lambda item: (-item[1], item[0]))[0]


def along(members: dict[int, list[Line]], owner: dict[int, int], once: dict[int, list[int]], back: dict[int, int]) -> Iterator[tuple[int, int]]:
    """(merged child, child that came back) for those whose lines went with it: they are merged into that one from now on."""
    told = {child: owner[group] for group in back for line in members[group] for child in once.get(line.id, ())}
    return ((child, new) for child, new in told.items() if child not in back.values())


def refresh(touched: set[int]) -> None:
    """What is known of the children whose lines changed: name, home, school (a child merged from two rolls stands on both)."""
    with connection.cursor() as cursor:
        children.refresh(cursor, touched)


def row(child: int, held: list[Line]) -> tuple[int | None, ...]:
    """The child's one line per register; of several records the current one at the school where the child sits, then the earliest."""
    alone = {line.kind: line for line in held}
    if len(alone) == len(held):
        return (child, *(alone[kind].id if kind in alone else None for kind in ORDER))
    seats = {line.school for line in held if line.kind == "attending"}
    chosen: dict[str, Line] = {}
    for line in sorted(held, key=lambda x: (not x.current, x.school not in seats, x.id)):
        chosen.setdefault(line.kind, line)
    return (child, *(chosen[kind].id if kind in chosen else None for kind in ORDER))
