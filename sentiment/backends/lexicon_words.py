"""The words behind the lexicon: how good or bad they sound, English and Arabic. Written as in `sentiment.cue_words`."""

WEIGHTS = {"awful": -3.0, "bad": -1.8, "poor": -1.0, "fair": 1.0, "good": 1.8, "superb": 3.0}
"""Grade to weight; the tables below name a grade each."""

ENGLISH: dict[str, str] = {
    "awful": """
        worst | horrible | terrible | awful | disgust* | horrendous | atrocious | pathetic | scam* | fraud*
        furious | nightmare | despise | vile | unacceptable | outrag* | disaster* | shameful | disgrace* | evil
        killed | murder* | terror* | rape* | bullshit | worthless | fuck* | hate | hated | hates | hateful | abus*
        thieves | crap | shit*
    """,
    "bad": """
        bad | angry | annoy* | upset* | rude | useless | broken | fail* | disappoint* | frustrat* | unhappy | sad
        sadly | poor | poorly | lost | losing | stuck | stupid | idiot* | ridiculous* | lie | lied | lies | liar*
        wrong | mess | ruined | ruin* | ugly | sick | hurt* | pain* | cry | crying | cried | death | dead | die
        died | war | attack* | problem* | issue* | error* | crash* | delay* | cancel* | refus* | ignor* | overcharg*
        rip off | waste* | worse | sucks | suck | sucked | boring | lame | joke of | threat* | fear* | afraid
        scared | scary | tragic | tragedy | complain* | damaged | defective | not working | doesnt work
        isnt working | down again | incompeten* | dirty | unfortunately | unprofessional | depress* | miserable
        regret* | shame | ashamed | garbage | trash | wtf | smh | corrupt* | racis* | crisis | stolen | steal*
        greedy | dishonest | mislead* | nasty | gross | toxic | damn
    """,
    "poor": """
        slow | late | waiting | wait | expensive | missing | miss | missed | tired | bored | confus* | worr* | sorry
        hard | difficult | trouble* | against | doubt* | weak | cold | lack* | unable | never | nothing | no one
        nobody | cant | sigh | ugh | meh | nope | alone | lonely | blame* | debt | problematic | unclear | sucky
        awkward | rip
    """,
    "fair": """
        ok | okay | fine | thanks | thank | thx | ty | hope* | hoping | interesting | like | liked | likes | ready
        smile* | clean | easy | fast | quick* | safe | fresh | win | wins | won | welcome | cheers | agree
        support* | haha* | lol | fun | funny | cute | sweet | favorite | favourite | appreciate* | recommend*
        resolved | fixed | solved
    """,
    "good": """
        good | great | happy | happi* | glad | nice | love | loved | loves | loving | enjoy* | excited | exciting
        proud | helpful | best | better | beautiful* | lovely | delicious | tasty | friendly | pleased | impressed
        well done | congrat* | kudos | shout out | cant wait | cant stop smiling | blessed | bless | grateful
        success* | yay | cool | perfect* | looking forward | celebrat* | reliable | polite | comfortable | generous
        hero* | thrilled
    """,
    "superb": """
        awesome | amazing* | excellent | fantastic | wonderful* | brilliant* | outstanding | superb | incredible
        the best | best ever | phenomenal | flawless | magnificent | delighted | love it | love you | love this
    """,
}

ARABIC: dict[str, str] = {
    "awful": """
        اسوا | اسوء | زفت | زباله | مقرف* | حقير* | كلاب | نصاب* | حراميه | حرامي | لصوص | كارثه | كارثي* | فضيحه
        مهزله | قذر* | لعن* | حسبي الله | حسبنا الله | خرا | وسخ* | ابشع | قتل* | يقتل* | مجرم* | ارهاب* | مجزره
        اغتصاب | مجازر | جريمه | جرائم | خاين* | خيانه | معفن* | نصب | احتيال | سراقين | منحط* | تفو | منافق*
        كذاب*
    """,
    "bad": """
        سيء | سيئ | سيئه | سوء | سئ | فاشل* | فشل* | غضب* | معصب | زعل* | حزن* | حزين* | للاسف | مشكله | مشاكل
        مزعج* | منزعج* | كذب* | خراب | خربان* | عطل* | معطل* | مكسور* | تالف* | مقطوع* | متاخر* | تاخر* | تاخير
        استغلال | غش | غشاش* | مغشوش* | خساره | خسر* | ظلم* | ظالم* | فساد | فاسد* | حرب | حروب | موت | مات* | توفي
        دمار | دمر* | قهر* | مقهور* | خوف | خايف* | تعبت | زهقت | طفشت | مليت | رديء* | رديئه | ضعيف* | بطيء*
        مالح* | محروق* | ناشف* | بارده | مخيب* | خيبه | ندم* | وقح* | قليل ادب | استهتار | اهمال | تجاهل | شكوى
        بشتكي | اشتكي | يع | مقزز* | بشع* | تافه* | سخيف* | غبي* | غباء | حمار | كلب | عيب | حرام عليكم | مصيبه
        بكاء | ابكي | يبكي | دموع | وجع | الم | مؤلم* | اليم* | صعب* | ضايق* | متضايق* | كره* | اكره* | يكره* | قرف
        هزيمه | انهزم* | مرض* | حادث | تهديد | ازمه
    """,
    "poor": """
        غالي | غاليه | ناقص* | صغير جدا | صغيره جدا | قليل جدا | قليله جدا | انتظر* | ننتظر | لسه | لسا | بارد
        لا يوجد | مافي | مفيش | اتمنى لو | مو فاهم | مش فاهم | غريب* | محتار* | قلق* | ممل* | ملل | اخطا | خطا | غلط
        ضد | تعب | تعبان*
    """,
    "fair": """
        شكرا | مشكور* | تسلم* | يعطيك* العافيه | ان شاء الله | انشاء الله | باذن الله | عادي | مقبول* | مناسب*
        سريع* | نظيف* | مرتب* | هههه* | ضحك* | يضحك* | امل | ياريت | مبارك | بركه | بارك الله | الله يحفظ*
        الله يسعد* | الله يوفق* | موفق* | سلام* | صباح الخير | امين | الحمد لله | الحمدلله | دعم* | نجح* | فاز*
        فوز*
    """,
    "good": """
        جيد* | جميل* | حلو* | كويس* | منيح* | زين | طيب* | لذيذ* | زاكي* | ممتاز* | سعيد* | سعاده | فرح* | حب | احب*
        بحب* | حبيت* | حبيب* | افضل | احسن | اجمل | احلى | مبروك | تهاني* | فخور* | فخر | نجاح* | ناجح* | محترم*
        انصح | بنصح* | انصحكم | يستاهل* | تستاهل* | عجبني | يعجبني | عجبتني | استمتع* | ممتع* | مفيد* | مريح*
        انيق* | راقي* | رقي | ابداع* | مبدع* | كفو | شاطر* | بطل | ابطال | يسلمو* | تسلم ايد*
    """,
    "superb": """
        رائع* | روعه | اروع | خرافي* | خيالي* | مذهل* | تحفه | عظيم* | اعظم | ولا اروع | يجنن | بيجنن | ازكى | اطيب
        بيرفكت | فخم* | عشق | اعشق* | بعشق* | قمه | لا يعلى عليه | مبهر* | يفتح النفس | استثنائي*
    """,
}

STRONGER = """
    very really so too extremely absolutely totally completely super such incredibly seriously
    جدا كثير كتير مره مرا اوي قوي وايد للغايه تماما بشده خالص بزاف حيل جدن فعلا والله
"""
"""Words that strengthen the word before or after them."""

EMOJI = {
    **dict.fromkeys("😍🥰❤💕💖💗💙💚💛🧡💜😘🤩🥳🎉👏💪🙌", 1.5),
    **dict.fromkeys("😊😀😁😃😄😂🤣👍🌹🌷💐✨☺🙂😉😎💐🌸", 0.9),
    **dict.fromkeys("😡🤬😠👎💔🤮🤢😤💩🖕", -2.0),
    **dict.fromkeys("😢😭😞😔😒🙄😕☹🙁😩😫😣😖😟😑", -1.0),
}
"""Single signs to weight; Arabic and English posters use them alike."""
EMOTICONS = {":)": 0.9, ":-)": 0.9, ":D": 1.2, ";)": 0.6, "<3": 1.5, ":(": -1.2, ":-(": -1.2, ":'(": -1.5, ":/": -0.6}
