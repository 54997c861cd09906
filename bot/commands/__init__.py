"""The `youcai` command, one file per noun."""
