import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mlm_commission_business", {
    url: "/my",
    steps: () => [
        {
            content: "Begin the day",
            trigger: ".o_portal_my_home a[href='/my/business']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was earned so far is an estimate, beside the last statement",
            trigger: ".o_mlm_earnings:contains('Estimate'):has(.o_mlm_earned_now:contains('16.00')):has(.o_mlm_earned_last:contains('20.00'))",
        },
        {
            content: "The rank, and what is missing for the next one",
            trigger: ".o_mlm_rank:contains('Bronze') .o_mlm_condition:contains('Group points'):contains('700 out of 1000')",
        },
        {
            trigger: ".o_mlm_rank .o_mlm_condition .progress-bar.bg-success",
        },
        {
            content: "To the monthly report",
            trigger: "a[href='/my/performance']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_mlm_portal_performance:has(.o_mlm_performance_pdf) .o_mlm_performance tfoot",
        },
        {
            content: "Back to the business, and to the earnings",
            trigger: ".breadcrumb a[href='/my/business']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_mlm_earnings a[href='/my/statements']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The chart, and the same as a table",
            trigger: ".o_mlm_earnings_chart:has(svg.o_mlm_chart) details > summary",
            run: "click",
        },
        {
            trigger: ".o_mlm_earnings_chart tbody tr:contains('Mar 24'):contains('20.00')",
        },
        {
            content: "A month's statement",
            trigger: ".o_mlm_earnings_chart tbody a:contains('Mar 24')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_mlm_portal_statement:contains('Payable')",
        },
    ],
});
