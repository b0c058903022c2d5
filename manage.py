#!/usr/bin/env python
"""Django's command line. Commands that migrate or load as owner choose the owner's database role in config/env.py."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
