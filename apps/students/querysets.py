"""Named filters over children."""

from __future__ import annotations

from django.db.models import BigIntegerField, CharField, F, Func, Q, Value
from django.db.models.lookups import StartsWith

from apps.core.ids import clean_number
from apps.core.names import initials, spelled
from apps.core.scope import ScopedQuerySet

LAST = 4  # characters of a masked number that everybody sees
WHOLE = 15  # characters from which a search is for a whole number


def looked_for(text: str, *, whole: bool, to: str = "") -> Q:
    """What somebody typed into a search field, for rows that reach the child by ``to``: a name, pinyin initials or how it is read (liu, yang
    xiaoming; u for ü will do), or the end of an ID number.

    Only with ``whole`` (the post may see full numbers) does a whole number find its child; for everybody else the last four count.
    """
    text = text.strip()
    number = clean_number(text)
    if not text:
        return Q()
    if typed := spelled(text):
        read = Func(F(f"{to}pinyin"), Value("v "), Value("u"), function="translate", output_field=CharField())
        return Q(**{f"{to}initials__startswith": typed}) | Q(StartsWith(read, typed.replace("v", "u")))
    if len(number) < LAST or not number[:-1].isdigit():
        return Q(**{f"{to}name__contains": text}) | Q(**{f"{to}initials": initials(text), f"{to}name__startswith": text[:1]})
    ending = Q(**{f"{to}id_masked__endswith": number[-LAST:]})
    if not whole:
        return ending
    exact = Q(**{f"{to}document": document_key("resident", number)}) | Q(**{f"{to}document": document_key("other", number)})
    return exact if len(number) >= WHOLE else exact | ending


def document_key(kind: str, number: str) -> Func:
    """The key that a number has as a document (models.IdDocument): a child is found by it without reading the table of numbers."""
    return Func(Value(f"{kind}:{number}"), Value(0), function="hashtextextended", output_field=BigIntegerField())


class ChildQuerySet(ScopedQuerySet):
    """Children; always begin with ``.within(scope)``."""

    def standing_for(self, number: int) -> ChildQuerySet:
        """The child of this number, or the one it was merged into."""
        into = self.model._default_manager.filter(pk=number).values("merged_into_id")
        return self.filter(Q(pk=number) | Q(pk__in=into), merged_into=None)

    def family(self, number: int) -> ChildQuerySet:
        """The child of this number with all that were merged into it, or into the same one as it: their past is one child's past."""
        into = self.model._default_manager.filter(pk=number).values("merged_into_id")
        return self.filter(Q(pk=number) | Q(merged_into=number) | Q(pk__in=into) | Q(merged_into__in=into))

    def search(self, text: str, *, whole: bool = False) -> ChildQuerySet:
        """By name, by pinyin or its initials, or by the end (``whole``: or all) of the ID number."""
        return self.filter(looked_for(text, whole=whole))
