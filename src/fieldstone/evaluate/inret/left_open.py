"""What INRet's paper leaves open, and how it was chosen here, and where we leave it; every report ends with it."""

__all__ = ["LEFT_OPEN"]

LEFT_OPEN: tuple[tuple[str, str], ...] = (
    ("Shapes", "ShapeNet10's ten categories are not named: samples10 has ten of ShapeNet's usual 13, made by our generator."),
    ("Fields", "Fitted as users fit them (10 epochs in batches of 4,096, a rate that falls from 5e-3), and not with the "
     "paper's rate of 1e-3; the same half million places for all. Its \"variance of 0.015\" near the surface is the "
     "deviation, as in the code that it names. Fields are kept in half precision."),
    ("Lattice", "N of the grid's (2N)^3 places is not stated: 16, for five halvings leave one place of 32. The printed "
     "formula leaves out the innermost places; ours are the cells' centres."),
    ("Weights", "How 1,665 weights become rows is not stated: 14 rows of 128, each column one hidden neuron."),
    ("Encoders", "Groups of the group norms: 8. The MLP encoder ends in a linear layer without norm, as in inr2vec's code "
     "and not in INRet's text."),
    ("Training", "Batches of 8 shapes and a rate that falls from 1e-3 (the paper: 1e-4; inr2vec: batches of 16); epochs and "
     "places are the scale's (the paper states neither). Each pair of functions counts once in the L2 term. The last epoch is "
     "kept."),
    ("Norm", "Not the paper's: a batch norm without weights behind each row. Table 4 has the figures with and without it."),
    ("Figures", "mAP@k is the share of queries of which one of the first k answers has the category, as inr2vec's code "
     "computes it; textbook mAP stands beside it. Answers are ranked by cosine. Test shapes are queries and gallery; the "
     "query's own shape is left out in every function, but for Table 8. P, R and F1 follow SHREC, with the cut-off named."),
    ("inr2vec", "Its encoder with a decoder for each function and nothing that ties them; it learns distances by their "
     "absolute error, as INRet's text says, where inr2vec's code clips them and learns by cross-entropy."),
    ("Converting", "One PointNeXt and one View-GCN learn, by category and from random weights, from the training fields of "
     "all functions. Views are normals and nearness from 12 eyes, 3 units away and 0.65 up (12.5 degrees), not shaded "
     "pictures, and nothing starts from ImageNet."),
    ("Sizes", "At tiny and small, rivals and SIRENs have sizes for two cores; at full the papers'."),
)  # fmt: skip
