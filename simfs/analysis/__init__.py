"""From integers to answers: measures, intervals, comparisons, claims and money."""
