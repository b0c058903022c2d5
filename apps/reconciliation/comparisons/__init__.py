"""The three comparisons of 四查三比对, one file each: facts about one child in, exactly one class with its reason out."""

from apps.reconciliation.comparisons.facts import Answer, Facts
from apps.reconciliation.comparisons.verdict import Verdict, classify

__all__ = ["Answer", "Facts", "Verdict", "classify"]
