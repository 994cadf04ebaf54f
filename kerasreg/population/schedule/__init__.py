"""Who trains when: groups, chunks, slots, worker threads, and what happens on Ctrl-C."""
