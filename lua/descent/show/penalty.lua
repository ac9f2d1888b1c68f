-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A penalty: what one would type for it.

return function(penalty)
    return penalty.title
end
