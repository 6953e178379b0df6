"""One project run as it is: built, flashed, its serial line shown, and what is wrong with its set-up said."""
