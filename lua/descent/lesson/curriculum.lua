-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- curriculum.lua: the topics that the lessons are to teach. Lesson files name them in `covers`.

local TOPICS = [[
A  What fitting is
A1 Kinds of learning; task, performance measure, experience
A2 The loss: a scalar, smaller when the model maps better
A3 Losses from maximum likelihood
A4 The training loop that people meet first, line by line
B  Derivatives
B1 The derivative as the limit of a quotient
B2 The slope of a parabola
B3 The gradient
B4 Numerical against analytical gradient
B5 Jacobian and Hessian
C  Gradient descent on a straight line
C1 The loss of a line and its gradient
C2 The gradient as a sum over examples
C3 Gradient descent
C4 The step size
C5 Line search by bracketing
C6 Descent with line search zigzags
C7 The closed form
C8 Convexity
D  The Gabor model and stochastic gradient descent
D1 The Gabor model
D2 Local minima, saddles, plateaus
D3 Batches and epochs
D4 Properties of stochastic gradient descent
D5 Full-batch descent that leaves a minimum
D6 Iterations, batches, epochs
E  Momentum
E1 Momentum: all earlier gradients
E2 Nesterov's look-ahead
E3 The velocity form
E4 Plain, momentum, Nesterov on the same batches
E5 The ball on a hill
F  Adaptive methods
F1 One step size does not fit all directions
F2 Normalized gradients
F3 AdaGrad, RMSProp, Adadelta
F4 Adam
F5 What the bias correction does
F6 When to use which method
F7 Hyperparameters
G  Second order
G1 Newton's method
G2 BFGS and L-BFGS
H  Models beyond the line
H1 The linear model in several dimensions
H2 Polynomials: over- and underfitting
H3 Nearest neighbours
H4 Regularisation
H5 Logistic regression
H6 Several classes
H7 The shallow network
H8 Small multi-layer networks, initialisation
I  Back-propagation
I1 The computation graph
I2 The chain rule node by node
P  Problems with checked answers
P1 The least-squares gradient
P2 Hessian, trace, determinant, eigenvalues, convexity
P3 The Gabor gradient
P4 The logistic loss and its derivatives
P5 The ten derivatives of the shallow network
P6 Convex or not, and the marked points
P7 Why line search zigzags, and a cure
P8 Can descent with a fixed rate escape a local minimum
P9 Counting epochs
P10 Momentum's coefficients
P11 The Hessian of a million parameters
P12 The update rules, written in Lua
Q  Short questions
Q1 What the gradient represents
Q2 Too large a rate
Q3 An advantage of stochastic gradient descent
Q4 What the rolling ball has that plain descent lacks
X  Errata in circulation
X1 Adam without the exponent of t
X2 Adam with an extra factor of the gradient
X3 The derivative of a squared loss, read literally
X4 Epsilon added to the parameters
X5 The gradient of the mean without its 1/n
X6 The sign in the derivative for sigma
X7 The hinge loss with the wrong index
X8 What a point estimate is
X9 "Always converges to the same solution"
X10 The determinant as the test of convexity
X11 Nesterov's look-ahead without beta
X12 The envelope: 8 against 32
X13 Circulating answers to problems
X14 "This and the previous gradient"
X15 The same rate for full and batch sums
X16 "Boost" or "moderate"
X17 Evaluations counted per round
X18 Where least squares comes from
]]

local curriculum = { topics = {}, parts = {} }
local titles = {}

for line in TOPICS:gmatch("[^\n]+") do
    local id, title = line:match("^(%S+)%s+(.*)$")
    titles[id] = title
    if #id == 1 then
        curriculum.parts[#curriculum.parts + 1] = { id = id, title = title }
    else
        curriculum.topics[#curriculum.topics + 1] = { id = id, title = title, part = id:sub(1, 1) }
    end
end

-- The title of a topic ("C4") or part ("C"); nil where there is none.
function curriculum.title(id) return titles[id] end

return curriculum
