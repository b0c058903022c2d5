"""Addresses of the comparison."""

from __future__ import annotations

from django.urls import path

from apps.reconciliation.views import findings, pairs, papers, runs, signing, third

urlpatterns = [
    path("runs/", runs.run_list, name="run_list"),
    path("runs/start/", runs.run_start, name="run_start"),
    path("runs/<int:run_id>/", runs.run_show, name="run_show"),
    path("runs/<int:run_id>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<int:run_id>/children/", runs.run_children, name="run_children"),
    path("runs/<int:run_id>/statistics/", papers.run_statistics, name="run_statistics"),
    path("runs/<int:run_id>/statistics.xlsx", papers.run_statistics_file, name="run_statistics_file"),
    path("runs/<int:run_id>/compare/", runs.run_compare, name="run_compare"),
    path("runs/<int:run_id>/rosters/", papers.run_rosters, name="run_rosters"),
    path("runs/<int:run_id>/rosters/<str:school_code>/<str:roster>.xlsx", papers.run_roster_file, name="run_roster_file"),
    path("runs/<int:run_id>/sign/", signing.run_sign, name="run_sign"),
    path("runs/<int:run_id>/signed/", signing.run_signed, name="run_signed"),
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/settle/", findings.finding_settle_many, name="finding_settle_many"),
    path("findings/<int:finding_id>/", findings.finding_show, name="finding_show"),
    path("findings/proofs/<int:proof_id>/", findings.proof_file, name="proof_file"),
    path("pairs/", pairs.doubtful_list, name="doubtful_list"),
    path("pairs/<int:pair_id>/", pairs.doubtful_show, name="doubtful_show"),
    path("third/", third.third_list, name="third_list"),
]
