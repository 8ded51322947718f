import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mlm_network_tree_tour", {
    url: "/odoo/network-tree",
    steps: () => [
        {
            content: "Search: type a name, and the tree is drawn at that agent",
            trigger: ".o_mlm_find input",
            run: "edit Wide Tour",
        },
        {
            trigger: ".o_mlm_find .dropdown-item:contains('Wide Tour')",
            run: "click",
        },
        {
            content: "Who stands above, and the first of the frontline",
            trigger: ".o_hierarchy_node:contains('Tour Top')",
        },
        {
            content: "The number below is capped, the frontline is exact",
            trigger: ".o_mlm_selected:contains('Wide Tour'):contains('60') button[name='mlm_open_frontline']:contains('+36 more in list')",
        },
        {
            trigger: ".o_mlm_panel:contains('Wide Tour'):contains('Agents below')",
        },
        {
            content: "Page through the frontline",
            trigger: ".o_hierarchy_node:contains('Wide Tour') button[name='mlm_more']",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Wide Tour') button[name='mlm_open_frontline']:contains('+12 more in list')",
        },
        {
            trigger: ".o_hierarchy_node:contains('Wide Tour') button[name='mlm_more']",
            run: "click",
        },
        {
            content: "All 60 are there",
            trigger: ".o_hierarchy_node:contains('Leaf 60'):not(:has(button[name='mlm_more']))",
            run() {
                const count = [...document.querySelectorAll(".o_hierarchy_node")].filter((node) =>
                    node.textContent.includes("Leaf ")
                ).length;
                if (count !== 60) {
                    throw new Error(`60 agents should be drawn, not ${count}`);
                }
                // pictures are kept instead of being saved
                window.mlmPictures = [];
                const { createObjectURL } = URL;
                URL.createObjectURL = (blob) => {
                    window.mlmPictures.push(blob);
                    return createObjectURL(blob);
                };
            },
        },
        { content: "All of them in a picture", trigger: "button[name='mlm_picture']", run: "click" },
        { trigger: ".o_mlm_svg", run: "click" },
        {
            trigger: ".o_hierarchy_node:contains('Leaf 60')",
            async run() {
                for (let tries = 0; tries < 50 && !window.mlmPictures.length; tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                const picture = new DOMParser().parseFromString(await window.mlmPictures.pop().text(), "image/svg+xml");
                const names = [...picture.querySelectorAll("text.name")].map((text) => text.textContent);
                if (new Set(names.filter((name) => name.startsWith("Leaf "))).size !== 60) {
                    throw new Error(`60 agents should be in the picture, not ${names.length}`);
                }
                const { width, height } = picture.documentElement.viewBox.baseVal;
                const cards = [...picture.querySelectorAll("rect.card")].map((card) =>
                    ["x", "y", "width", "height"].map((name) => Number(card.getAttribute(name)))
                );
                if (cards.some(([x, y, w, h]) => x < 0 || y < 0 || x + w > width || y + h > height)) {
                    throw new Error("A card is cut off");
                }
                const overlap = ([x, y, w, h], [x2, y2]) => Math.abs(x - x2) < w && Math.abs(y - y2) < h;
                if (cards.some((one, i) => cards.slice(i + 1).some((other) => overlap(one, other)))) {
                    throw new Error("Two cards overlap");
                }
            },
        },
        {
            content: "The legend names the states",
            trigger: ".o_mlm_legend:contains('Active'):contains('Suspended')",
        },
        {
            trigger: "button[name='mlm_zoom_out']",
            run: "click",
        },
        {
            content: "Another agent beside the tree",
            trigger: ".o_hierarchy_node:contains('Leaf 07') .o_hierarchy_node_content",
            run: "click",
        },
        {
            trigger: ".o_mlm_panel:contains('Leaf 07')",
        },
        {
            content: "Draw the line of that agent",
            trigger: "button[name='mlm_panel_focus']",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_view:has(.o_mlm_selected:contains('Leaf 07')):not(:has(.o_hierarchy_node:contains('Leaf 08')))",
        },
        {
            content: "A picture of what is shown",
            trigger: "button[name='mlm_picture']",
            run: "click",
        },
        {
            trigger: ".o_mlm_svg",
            run: "click",
        },
        {
            trigger: "button[name='mlm_picture']",
            run: "click",
        },
        {
            trigger: ".o_mlm_png",
            run: "click",
        },
        {
            trigger: ".o_mlm_panel",
            async run() {
                for (let tries = 0; tries < 50 && window.mlmPictures.length < 2; tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                const [svg, png] = window.mlmPictures;
                const text = await svg.text();
                for (const name of ["Tour Top", "Wide Tour", "Leaf 07 &#38; Co"]) {
                    if (!text.includes(name)) {
                        throw new Error(`${name} is not in the picture`);
                    }
                }
                if (new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")) {
                    throw new Error("The picture is no SVG");
                }
                if (png.type !== "image/png" || png.size < 2000) {
                    throw new Error(`The picture is no PNG: ${png.type}, ${png.size} bytes`);
                }
            },
        },
        {
            trigger: "button[name='mlm_panel_downline']",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Downline of')",
        },
    ],
});

/** On a phone there is no room for a panel: a card opens the contact. */
registry.category("web_tour.tours").add("mlm_network_tree_phone", {
    url: "/odoo/network-tree",
    steps: () => [
        { trigger: ".o_mlm_find input", run: "edit Wide Tour" },
        { trigger: ".o_mlm_find .dropdown-item:contains('Wide Tour')", run: "click" },
        { content: "The agent's line", trigger: ".o_hierarchy_node:contains('Leaf 01')" },
        {
            trigger: "button[name='mlm_picture']",
            run() {
                window.mlmPictures = [];
                const { createObjectURL } = URL;
                URL.createObjectURL = (blob) => {
                    window.mlmPictures.push(blob);
                    return createObjectURL(blob);
                };
            },
        },
        { trigger: "button[name='mlm_picture']", run: "click" },
        { trigger: ".o_mlm_png", run: "click" },
        {
            trigger: ".o_hierarchy_view",
            async run() {
                for (let tries = 0; tries < 50 && !window.mlmPictures.length; tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                if (window.mlmPictures[0]?.type !== "image/png") {
                    throw new Error("There is no picture");
                }
            },
        },
        { content: "Look at one", trigger: ".o_hierarchy_node:contains('Leaf 02') .o_hierarchy_node_content", run: "click" },
        { trigger: ".o_form_view .o_notebook .nav-link[name='mlm_network']" },
    ],
});

/** Whoever may only read sees names and places, and opens a contact. */
registry.category("web_tour.tours").add("mlm_network_tree_read", {
    url: "/odoo/network-tree",
    steps: () => [
        { trigger: ".o_mlm_find input", run: "edit Wide Tour" },
        { trigger: ".o_mlm_find .dropdown-item:contains('Wide Tour')", run: "click" },
        { trigger: ".o_hierarchy_node:contains('Leaf 02') .o_hierarchy_node_content", run: "click" },
        { trigger: ".o_mlm_panel:contains('Leaf 02') button[name='mlm_panel_open']", run: "click" },
        {
            content: "The place, for whoever has that page",
            trigger: ".o_form_view .o_notebook",
            run: () => document.querySelector(".o_notebook .nav-link[name='mlm_network']")?.click(),
        },
        {
            content: "Nothing to change the place with",
            trigger: ".o_form_view:not(:has(button[name='action_mlm_change'])):not(:has(button:contains('Exit with Goods')))",
        },
    ],
});
