"""What tools/bench is made of; ../README.md has the map."""
