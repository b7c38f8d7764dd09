"""What is simulated: the pathway, its demand, its staff, its practice models, costs and claims."""
