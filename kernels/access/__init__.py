"""Access: how long it takes to reach the places of daily life on foot and by bicycle, over streets as a graph."""
