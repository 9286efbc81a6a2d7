"""Appeals: the causes that campaigns and partner charities raise money for."""
