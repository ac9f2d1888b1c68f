-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "networks", seed = 1, minutes = 15,
title = "Networks: from three joints to many layers",
covers = { "F6", "H7", "H8", "P5" }, needs = { "valleys", "adam", "graph" },
summary = "What a shallow network can draw, its ten derivatives, units that die, how much hangs \z
          on the start, and why deep networks need care with it.",

text { id = "start", [[
A line has one slope. A shallow network draws a line with joints:

    f = φ₀ + φ₁·h₁ + φ₂·h₂ + φ₃·h₃        hₖ = relu(θₖ₀ + θₖ₁·x)

Each hidden unit hₖ is 0 on one side of its joint and a straight line on
the other. The φ mix them.
]] },

number { id = "joint", ask = [[
The joint is where θₖ₀ + θₖ₁·x = 0. For relu(-1.2 + 0.8·x), at which x?
]],
answer = { 1.5, 1e-3 }, from = "1.2/0.8",
wrong = { { -1.5, "The sign: -1.2 + 0.8·x = 0." },
          { -1.2, "That is the height at x = 0. Where is the line 0?" },
          { 0.6666667, "Turned round: 1.2 divided by 0.8." } },
hints = { "-1.2 + 0.8*x = 0", "1.2/0.8" } },

figure { id = "units", say = [[
Three units, with joints at 0.4, 1 and 1.5:
]], [[
h1 = function(x) return relu(-0.4 + x) end
h2 = function(x) return relu(1 - x) end
h3 = function(x) return relu(-1.2 + 0.8*x) end
plot.curve{h1, h2, h3, from = 0, to = 2}]],
alt = "Three curves from 0 to 2. The first is 0 up to 0.4 and then rises to 1.6. The second falls \z
      from 1 to 0 at x = 1 and stays 0. The third is 0 up to 1.5 and then rises to 0.4.",
},

predict { id = "pieces", ask = [[
Mix them: 0.5 + h₁ − 0.5·h₂ − 2·h₃. Of how many straight pieces does the
sum consist?
]],
yes = { "four", "A joint of each unit, three joints, four pieces." },
no = { { "three", "Three joints part the axis into four." },
       { "six", "Each unit has one joint, no two." },
       { "it is a smooth curve", "A sum of straight pieces is made of straight pieces." } },
run = [[
plot.curve{function(x) return 0.5 + h1(x) - 0.5*h2(x) - 2*h3(x) end,
    from = 0, to = 2}]],
alt = "A line with three joints: it rises from 0 to 0.2 at 0.4, more steeply to 1.1 at 1, less to \z
      1.6 at 1.5, and falls to 1.3 at 2.",
},

number { id = "count", ask = [[
How many parameters has that network, all φ and θ?
]],
answer = { 10, 0.1 }, from = "#model.shallow{hidden = 3}.parameters",
wrong = { { 4, "Those are the φ. Each unit has two θ as well." },
          { 6, "Those are the θ. There are φ₀ to φ₃, too." },
          { 9, "φ₀, which stands alone, is one as well." } },
hints = { "φ₀ ... φ₃, and two θ for each of three units.", "4 + 3*2" } },

code { id = "ten", points = 6, fn = "ten",
ask = [[
All ten derivatives of f at one x. phi is the list φ₀ ... φ₃, so φ₁ is
phi[2]; theta is a list of three pairs {θₖ₀, θₖ₁}. Return one list:

    ∂f/∂φ₀ ... ∂f/∂φ₃, then ∂f/∂θ₁₀, ∂f/∂θ₁₁, ∂f/∂θ₂₀, ... ∂f/∂θ₃₁
]],
starter = [[
function ten(phi, theta, x)
    local g = {1}
    for k = 1, 3 do
        local u = theta[k][1] + theta[k][2]*x
        -- g[k + 1] for phi_k; then two for the thetas of unit k
    end
    return g
end]],
solution = [[
function ten(phi, theta, x)
    local g = {1}
    for k = 1, 3 do
        local u = theta[k][1] + theta[k][2]*x
        local on = u > 0 and 1 or 0
        g[k + 1] = relu(u)
        g[3 + 2*k] = phi[k + 1]*on
        g[4 + 2*k] = phi[k + 1]*on*x
    end
    return g
end]],
given = function(r)
    local theta = {}
    for k = 1, 3 do theta[k] = { r:num(0.25, 2)*r:pick { -1, 1 }, r:num() } end
    return r:vec(4), theta, r:num()
end,
mistakes = {
    { id = "always-on", swap = { "u > 0 and 1 or 0", "1" },
      say = "A unit that is off (u not above 0) passes nothing: its θ get 0." },
    { id = "no-relu", swap = { "relu(u)", "u" },
      say = "∂f/∂φₖ is hₖ, and that is relu(u), not u." },
    { id = "no-phi", swap = { "phi[k + 1]*on\n", "on\n", "phi[k + 1]*on*x", "on*x" },
      say = "On the way to θₖ stands φₖ: hₖ is multiplied by it." },
    { id = "no-x", swap = { "on*x", "on" },
      say = "θₖ₁ is multiplied by x, so its derivative has the factor x." },
    { id = "shifted", swap = { "phi[k + 1]*on\n", "phi[k]*on\n", "phi[k + 1]*on*x",
      "phi[k]*on*x" },
      say = "φₖ is phi[k + 1]: the list begins with φ₀." },
    { id = "turned", swap = { "u > 0 and 1 or 0", "u > 0 and 0 or 1" },
      say = "Turned round: a unit passes where u is above 0." },
},
hints = { "g[k + 1] = relu(u)", "local on = u > 0 and 1 or 0",
          "g[3 + 2*k] = phi[k + 1]*on, and g[4 + 2*k] is that times x." } },

demo { id = "check", say = [[
Against the program's own:
]], [[
net = model.shallow{hidden = 3}
one = data.new{x = {1.3}, y = {0}}
output = loss.per_example(function(f, y) return f + 0*y end)(net, one)
phi = {0.5, 1, -0.5, -2, -0.4, 1, 1, -1, -1.2, 0.8}
output:gradient(phi)
ten({0.5, 1, -0.5, -2}, {{-0.4, 1}, {1, -1}, {-1.2, 0.8}}, 1.3)]],
expect = { ["output:gradient(phi)"] =
    { { 1, 0.9, 0, 0, 1, 1.3, 0, 0, 0, 0 }, 1e-9 } },
},

number { id = "zeros", ask = [[
At x = 1.3 two units are off. How many of the ten derivatives are 0?
]],
answer = { 6, 0.1 },
wrong = { { 4, "Their θ, yes. Their φ multiply a 0 as well." },
          { 2, "For each of the two: its φ, and both its θ." } },
hints = { "Count them in the list above." } },

predict { id = "seeds", ask = [[
Now fit the twelve points, from ten random starts: Adam, 3000 updates each.
The best line has 0.1999. Where do the ten end?
]],
yes = { "at several quite different losses", "0.068 at best, the line's 0.1999 three times, and \z
                                              1.335 three times." },
no = { { "all at the same loss", "That is so in a bowl. This loss is none." },
       { "all below 0.1", "Two do. Some are no better than a line, some much worse." } },
run = [[
N = loss.least_squares(net, data.line12)
function trained(seed)
    return fit(N, optim.adam{alpha = 0.02},
        {start = net:init{seed = seed}, steps = 3000})
end
for seed = 1, 10 do print(seed, trained(seed).loss) end]],
expect = { ["trained(1).loss"] = { 0.06795691, 1e-5 }, ["trained(2).loss"] = { 1.335225, 1e-5 },
           ["trained(4).loss"] = { 0.19986636, 1e-6 } },
},

figure { id = "best", [[
plot.fit{trained(1)}]],
alt = "Twelve points and a line with joints through them: steep at the left, less so in the \z
      middle, nearly level at the right.",
},

choice { id = "dead", ask = [[
1.335 is what the constant mean of y has. What has happened to the network
of seed 2?
]],
yes = { "all its units are off at all twelve points",
        "Then f is φ₀ alone, and every θ has the derivative 0: they will never come back." },
no = { { "it needs more updates", "The derivatives of all φₖ and θ are exactly 0. Nothing will \z
                                   move." },
       { "its α was too large for it", "Look at trained(2).gradient: there is nothing to \z
                                        multiply." },
       { "it stands on a saddle", "A saddle can be left. Here a whole region is level." } } },

demo { id = "dead-gradient", [[
trained(2).gradient
trained(2).phi]],
expect = { ["trained(2).gradient:norm()"] = { 0, 1e-4 } },
see = [[
Dead units. Not all starts of a network are equal.
]] },

predict { id = "all-zero", ask = [[
And if all weights and biases begin at 0? A network with eight tanh units:
]],
yes = { "its units can never become different", "All eight get the same derivatives at every \z
                                                 update, here 0." },
no = { { "it learns, a little more slowly", "Nothing distinguishes one unit from the next." },
       { "it diverges", "It hardly moves." } },
run = [[
eight = model.mlp{1, 8, 1, activation = "tanh"}
E = loss.least_squares(eight, data.line12)
z = fit(E, optim.adam{alpha = 0.01},
    {start = eight:init{scheme = "zeros"}, steps = 500})
eight:named(z.phi).W1:t()]],
expect = { ["eight:named(z.phi).W1:norm()"] = { 0, 1e-9 } },
see = [[
So one begins with random numbers. How large?
]] },

text { id = "deep", [[
Layer upon layer, and the size matters more. Take ten hidden layers of 32
sigmoid units. How large are the derivatives, layer by layer?
]] },

predict { id = "ratio", ask = [[
The derivatives of the second layer's weights, compared with those of the
last layer?
]],
yes = { "about a millionth", "Every sigmoid on the way back multiplies by s(1 − s), at most 1/4." },
no = { { "about a tenth", "One layer costs about that much. There are nine in between." },
       { "about the same", "Each layer on the way back multiplies by less than 1." } },
run = [[
function deep_net(activation)
    return model.mlp{1, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 1,
        activation = activation}
end
function sizes(net, phi)
    local p, list = net:named(phi), {}
    for layer = 1, 11 do
        list[layer] = sqrt((p["W" .. layer]^2):mean())
    end
    return list
end
sig = deep_net "sigmoid"
D = loss.least_squares(sig, data.line12)
start = sig:init{seed = 1, scheme = "xavier"}
slopes = sizes(sig, D:gradient(start))
slopes[2]/slopes[11]
]],
expect = { ["slopes[2]/slopes[11] < 1e-5 and 1 or 0"] = { 1, 0.1 } },
},

figure { id = "fading", [[
plot.lines{y = slopes, log = "y", x_label = "layer", y_label = "size"}]],
alt = "The size of the derivatives by layer, logarithmic: from about 5e-6 in layer 1 it rises \z
      by a factor of about 4 with each layer, to 30 in the last.",
see = [[
One α for all layers: what is right for the last does nothing to the first.
]] },

figure { id = "adam-step", say = [[
One update of Adam with α = 0.01. How far does each layer move?
]], [[
moved = descend(D, optim.adam{alpha = 0.01}, {start = start}):step()
plot.bars{sizes(sig, moved.phi - start), x_label = "layer",
    y_label = "size of the step"}]],
alt = "Eleven bars of the same height, 0.01, one for each layer.",
see = [[
By α, in every layer: one reason why Adam is used so much for deep networks.
]] },

predict { id = "he", ask = [[
Another remedy: relu units, and a start made for them, of size √(2/inputs)
(He). The second layer compared with the last?
]],
yes = { "about a fifth: nothing fades", "Half of the units are off; the 2 under the root makes up \z
                                         for it." },
no = { { "a millionth, as before", "relu has slope 1 where it is on: nothing below 1 to multiply \z
                                    by." },
       { "a million times larger", "That is what a start that is too large does." } },
run = [[
rel = deep_net "relu"
R = loss.least_squares(rel, data.line12)
first = rel:init{seed = 1, scheme = "he"}
g = sizes(rel, R:gradient(first))
g[2]/g[11]
R(first), R(rel:init{seed = 1, scheme = "normal"})]],
expect = { ["g[2]/g[11]"] = { 0.24646, 0.01 } },
see = [[
The last number is the loss when all weights are simply of size 1: each
layer multiplies by 4, ten times over, and the loss squares it.
]] },

demo { id = "ring-data", say = [[
What several layers are good for: two classes that no straight line can
part, one inside, one around it.
]], [[
seed(1)
u = random.uniform(400)
X, Y = zeros(200, 2), {}
for i = 1, 200 do
    X[i][1], X[i][2] = 4*u[2*i - 1] - 2, 4*u[2*i] - 2
    Y[i] = X[i][1]^2 + X[i][2]^2 < 1.6 and 1 or 0
end
ring = data.new{x = X, y = Y}
straight = fit(loss.binary_cross_entropy(model.logistic(2), ring),
    optim.lbfgs{}, {start = {0, 0, 0}, steps = 50})
accuracy(straight, ring)]],
expect = { ["accuracy(straight, ring)"] = { 0.73, 1e-9 } },
see = [[
The best straight cut is right about 73 %.
]] },

figure { id = "ring", say = [[
Now two layers of eight units:
]], [[
m = model.mlp{2, 8, 8, 1, activation = "tanh"}
r = fit(loss.binary_cross_entropy(m, ring), optim.adam{alpha = 0.03},
    {start = m:init{seed = 1, scheme = "xavier"}, steps = 500})
plot.regions{r, ring}]],
alt = "The plane with 200 points. Those of class 1 lie in a disc about the middle. The model's \z
      region for them is a round blot that holds them all.",
see = [[
Right about every one. Each tanh unit is a soft cut; eight of them close
the ring.
]]
},

text { id = "summary", [[
What you have now:

    shallow       a line with joints, one for each unit
    derivatives   1, hₖ, φₖ and φₖ·x; 0 where the unit is off
    no bowl       starts end at different losses; dead units stay dead
    the start     random, never all 0; He for relu, Xavier for sigmoid
                  and tanh
    depth         slopes fade (or burst) from layer to layer; Adam's
                  steps do not

To try next: six units instead of three: how many of ten seeds end below
0.1? And trained with L + 0.001*penalty.l2?
]] },
}
