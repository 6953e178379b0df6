"""From reset to the app: boot ROM and second-stage boot loader."""
