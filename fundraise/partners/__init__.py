"""Partners: organisations elsewhere that raise money for an appeal and report their totals."""
