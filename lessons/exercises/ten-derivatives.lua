-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "ten-derivatives", seed = 1,
title = "The ten derivatives of a shallow network",
covers = { "P5", "H7", "I2" },
task = [[
A network with one input, three hidden units and one output:

    h_k = θ_k0 + θ_k1·x       for k = 1, 2, 3
    a_k = max(0, h_k)         ReLU
    f   = φ₀ + φ₁·a₁ + φ₂·a₂ + φ₃·a₃

It has ten parameters. phi is the list {φ₀, φ₁, φ₂, φ₃}, so that phi[1] is
φ₀; theta is {{θ₁₀, θ₁₁}, {θ₂₀, θ₂₁}, {θ₃₀, θ₃₁}}.

Write f, then its derivatives with respect to all ten: return a list like
phi and a table like theta. The derivative of the ReLU at 0 counts as 0.
]],
starter = [[
function network(phi, theta, x)
    return 0
end

function network_derivatives(phi, theta, x)
    local d_phi = {0, 0, 0, 0}
    local d_theta = {{0, 0}, {0, 0}, {0, 0}}
    return d_phi, d_theta
end
]],
solution = [[
function network(phi, theta, x)
    local f = phi[1]
    for k = 1, 3 do
        f = f + phi[k + 1]*math.max(0, theta[k][1] + theta[k][2]*x)
    end
    return f
end

function network_derivatives(phi, theta, x)
    local d_phi = {1, 0, 0, 0}
    local d_theta = {{0, 0}, {0, 0}, {0, 0}}
    for k = 1, 3 do
        local h = theta[k][1] + theta[k][2]*x
        if h > 0 then
            d_phi[k + 1] = h
            d_theta[k] = {phi[k + 1], phi[k + 1]*x}
        end
    end
    return d_phi, d_theta
end
]],

calls { id = "network", title = "network: the output", points = 2, fn = "network", pure = true,
returns = { "f" },
given = function(r) return r:vec(4), { r:vec(2), r:vec(2), r:vec(2) }, r:num() end },

calls { id = "derivatives", title = "network_derivatives", points = 6, fn = "network_derivatives",
pure = true, returns = { "d_phi", "d_theta" },
given = function(r) return r:vec(4), { r:vec(2), r:vec(2), r:vec(2) }, r:num() end },

calls { id = "corner", title = "where a unit stands exactly at 0", points = 2,
fn = "network_derivatives", pure = true, returns = { "d_phi", "d_theta" }, trials = 12,
given = function(r)
    local theta, x = { r:vec(2), r:vec(2), r:vec(2) }, r:pick { -2, -1, 1, 2, 0.5 }
    local k = r:int(1, 3)
    theta[k] = { -x, 1 }
    return r:vec(4), theta, x
end },

mistakes = {
    { id = "no-relu", title = "ReLU left out", swap = { "math.max(0, theta[k][1] + theta[k][2]*x)",
      "(theta[k][1] + theta[k][2]*x)" },
      say = "The ReLU is left out: without it the network is a straight line." },
    { id = "no-offset", title = "φ₀ left out", swap = { "local f = phi[1]", "local f = 0" },
      say = "φ₀ is left out." },
    { id = "shifted", title = "φ₀ used as φ₁", swap = { "f + phi[k + 1]", "f + phi[k]" },
      say = "phi[1] is φ₀; unit k belongs to phi[k + 1]." },
    { id = "bias-and-slope", title = "θ_k0 and θ_k1 exchanged",
      swap = { "theta[k][1] + theta[k][2]*x)", "theta[k][1]*x + theta[k][2])" },
      say = "θ_k0 and θ_k1 are exchanged: theta[k][2] is the one that is multiplied by x." },
    { id = "offset-derivative", title = "∂f/∂φ₀ not 1",
      swap = { "d_phi = {1, 0, 0, 0}", "d_phi = {phi[1], 0, 0, 0}" },
      say = "∂f/∂φ₀ is 1: φ₀ stands there by itself." },
    { id = "always-active", title = "derivative of the ReLU left out",
      swap = { "if h > 0 then", "if true then" },
      say = "Where a unit is off (h < 0) it gives 0, and so are the derivatives of its φ_k and \z
             θ_k." },
    { id = "at-zero", title = "derivative of the ReLU at 0 taken as 1",
      swap = { "if h > 0 then", "if h >= 0 then" },
      say = "At h = 0 exactly the derivative of the ReLU counts as 0; you took 1." },
    { id = "no-phi", title = "φ_k missing in the derivatives of θ",
      swap = { "{phi[k + 1], phi[k + 1]*x}", "{1, x}" },
      say = "The derivatives of θ_k lack the factor φ_k, by which the unit goes into f." },
    { id = "no-x", title = "x missing in ∂f/∂θ_k1",
      swap = { "phi[k + 1]*x}", "phi[k + 1]}" },
      say = "∂f/∂θ_k1 has the factor x." },
    { id = "slope", title = "θ_k1 in place of x",
      swap = { "phi[k + 1]*x}", "phi[k + 1]*theta[k][2]}" },
      say = "∂h/∂θ_k1 is x. θ_k1 is the derivative with respect to x." },
    { id = "ones", title = "1 in place of the activation",
      swap = { "d_phi[k + 1] = h", "d_phi[k + 1] = 1" },
      say = "∂f/∂φ_k is the activation a_k itself, by which φ_k is multiplied." },
    { id = "times-phi", title = "φ_k too much in ∂f/∂φ_k",
      swap = { "d_phi[k + 1] = h", "d_phi[k + 1] = phi[k + 1]*h" },
      say = "∂f/∂φ_k is a_k alone: φ_k itself is gone when one differentiates by it." },
    { id = "phi-shifted", title = "φ₀ used as φ₁ in the derivatives",
      swap = { "{phi[k + 1], phi[k + 1]*x}", "{phi[k], phi[k]*x}" },
      say = "phi[1] is φ₀; the derivatives of θ_k have the factor phi[k + 1]." },
},
hints = {
    "One loop over k = 1, 2, 3 does everything; phi[k + 1] is φ_k.",
    "∂f/∂φ₀ = 1, ∂f/∂φ_k = a_k.",
    "The derivative of the ReLU is 1 where h > 0, else 0: if h > 0 then ... end",
    "∂f/∂θ_k0 = φ_k and ∂f/∂θ_k1 = φ_k·x where h_k > 0, else 0.",
},
after = [[
model.shallow{hidden = 3} is this network, and L:graph(phi) shows each of
its nodes with value and gradient.
]] }
