-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.surface3d: the loss over two of its parameters as a landscape.

local values = require "descent.plot.values"
local doc = require "descent.doc"
local surface = require "descent.plot.kind.surface"

local record = {
    name = "plot.surface3d",
    signature = "plot.surface3d{L, r1, ..., phi0 = {a, b}, phi1 = {c, d}, view = {42, 22}}",
    summary = "The loss over two parameters as a landscape, with the paths of runs on it and the "
        .. "contour lines below. In pictures only: as text it is the surface seen from above. "
        .. "What plot.surface takes it takes too.",
    arguments = {
        { name = "view", type = "array", shape = "2", default_text = "{42, 22}",
          summary = "from where it is seen, in degrees: 0 to 180 from above, 0 to 360 around" },
        { name = "bands", type = "integer", default = 20, range = "[2, 100]",
          summary = "steps of colour of the surface seen from above" },
        { name = "n", type = "integer", default = 61, range = "[2, 200]",
          summary = "points of the surface along each parameter" },
        { name = "log", type = "boolean", default = false, summary = "a logarithmic axis upwards" },
        { name = "plane", type = "choice", choices = "pca", default_text = "two parameters",
          summary = "the plane that holds most of the runs' paths" },
        { name = "phi", type = "value", default_text = "r.phi",
          summary = "where the other parameters are held" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "more than two ranges, a name that is no parameter of the loss",
    example = [[
bowl = loss(function(phi0, phi1) return phi0^2 + 3*phi1^2 end)
plot.output("none")
plot.surface3d{bowl, phi0 = {-1, 1}, phi1 = {-1, 1}}
print(plot.describe():match("L%[φ%]: [^\n]*"))]],
    result = "L[φ]: lowest 0 at φ₀ = 0, φ₁ = 0; highest 4 at φ₀ = −1, φ₁ = −1.",
}

local function describe(options)
    local plain = { n = 61, log = false }
    for key, value in pairs(options) do plain[key] = value end
    local given = surface.describe(plain, record)
    local view = doc.options(record, { view = options.view }, 0).view or { 42, 22 }
    if not (view[1] >= 0 and view[1] <= 180 and view[2] >= 0 and view[2] <= 360) then
        doc.fail("plot.surface3d: view is an angle from 0 to 180 and one from 0 to 360")
    end
    local panel = given.panels[1]
    local about = panel.about
    panel.view = { view[1], view[2] }
    panel.note = 'seen from above; plot.save("surface.png") shows it in 3D'
    for i, layer in ipairs(panel.layers) do
        local heights = about.runs[i].trace.loss:table()
        layer.z = values.pick(heights, values.kept_places(#heights))
    end
    return given
end

return { record = record, describe = describe }
