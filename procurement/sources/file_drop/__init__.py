"""Files that a warehouse or an ERP puts into a folder. See docs/sources/file_drop.md."""
