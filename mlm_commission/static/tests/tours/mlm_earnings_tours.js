import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mlm_commission_reserve", {
    url: "/my/statements",
    steps: () => [
        {
            content: "What is held back stands beside what was paid",
            trigger: "a[href='/my/reserve']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "So much, for one contract",
            trigger: ".card-body:contains('Held for 1'):contains('5.00')",
        },
        {
            content: "Contract by contract, until when",
            trigger: "tbody tr:contains('06/09/2024'):contains('5.00')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_book", {
    url: "/my/statements",
    steps: () => [
        {
            content: "Every sale and its commissions, for any days",
            trigger: "a[href='/my/book']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Days the wrong way round",
            trigger: "form[action='/my/book'] input[name=date_to]",
            run() {
                document.querySelector("input[name=date_from]").value = "2024-03-31";
                this.anchor.value = "2024-03-01";
            },
        },
        {
            trigger: "button[name=kind][value=csv]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "are told, and can be mended",
            trigger: ".alert-warning:contains('cannot end before it begins')",
        },
        {
            trigger: "form[action='/my/book'] input[name=date_from]",
            async run() {
                const query = "date_from=2024-03-01&date_to=2024-03-31&kind=csv";
                const answer = await fetch(`/my/book?${query}`);
                const text = await answer.text();
                if (!text.includes("1000") || !text.includes("50")) {
                    throw new Error(`The sale and its commission should be in the extract: ${text}`);
                }
            },
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_tree_colors", {
    url: "/odoo/network-tree",
    steps: () => [
        { trigger: ".o_mlm_find input", run: "edit Dan" },
        { trigger: ".o_mlm_find .dropdown-item:contains('Dan')", run: "click" },
        { trigger: ".o_mlm_selected:contains('Dan')" },
        { content: "Colours by who is active for pay", trigger: "button[name='mlm_colors']:contains('State')", run: "click" },
        { trigger: ".o_mlm_mode_activity", run: "click" },
        {
            trigger: "body:has(button[name='mlm_colors']:contains('Active for Pay')) .o_mlm_legend:contains('Active')",
        },
        { content: "Colours by rank", trigger: "button[name='mlm_colors']", run: "click" },
        { trigger: ".o_mlm_mode_rank", run: "click" },
        {
            content: "The legend names the one rank that is there",
            trigger: ".o_mlm_legend:contains('Gold of the Tour'):not(:contains('Active'))",
        },
        {
            content: "The key figures beside",
            trigger: ".o_mlm_panel:contains('Dan')",
        },
    ],
});
