"""Pages of the workbench and of the children."""
