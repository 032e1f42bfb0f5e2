"""The words and phrases behind the cues, as data: one table a reason, English, Arabic (standard and dialects), others.

How to write a phrase (they are brought to `search_form`, so hamza, alef, ta marbuta and apostrophes may be written
in any way):

    word        that word; an Arabic one also with a leading wa-, fa- or al-
    stem*       any word that begins so
    ~           up to three words of anything
    ^           only among the first four words of a sentence
    |           ends a phrase (so does a line's end)

A table whose name ends in `_if_negated` counts only behind one of `NEGATIONS`: "not working", "مو حلو".
Phrases of the table `settled` take complaints and faults back, unless a "but" follows.
Choose words a stranger would use of any firm. A word that is just as common in chat belongs into a longer phrase.
"""

ENGLISH: dict[str, str] = {
    "question": """
        ^ how do | how do i | ^ how can | how can i | how can we | how long | how much | how many | how come
        ^ how to | ^ when will | ^ when is | ^ when are | ^ when do | ^ when does | ^ when can | when will you
        when will my | ^ why is | ^ why are | ^ why do | ^ why does | ^ why did | ^ why am | ^ why cant | ^ why have
        ^ why has | why wont you | ^ why would | ^ why isnt | ^ what is | ^ whats | ^ what are | ^ what do
        ^ what does | ^ what time | ^ what happened | whats going on | whats happening | whats up with | ^ where is
        ^ where are | ^ wheres | ^ where can | ^ where do | wheres my | where is my | ^ who do | ^ who can | ^ can i
        ^ can we | ^ could i | ^ can anyone | ^ can someone | can somebody | ^ do you | ^ do i | ^ does ~ work
        ^ is there | ^ are there | ^ is it | ^ is this | ^ will there | ^ will you | ^ will my | ^ did you
        ^ have you | ^ has anyone | any update | any updates | any news on | any idea | any ideas | any eta
        any chance | any reason | any luck | wondering if | wondering why | wondering when | wondering how
        wondering what | just curious | was curious | like to know | need to know | want to know
        trying to find out | please advise | pls advise | please clarify | let me know | have a question
        got a question | please confirm | can you confirm | explain why | explain how | care to explain | or what
    """,
    "request": """
        please | pls | plz | plse | kindly | help me | help us | need help | needs help | want help | get help
        your help | some help | any help | help with | help out | ^ help | help asap | assist me | assistance | asap
        can you | could you | would you | can u | could u | will you | can someone | could someone | can somebody
        can i get | could i get | i need | we need | need to speak | need to talk | i would like | id like
        i wld like | wld like | i wish you | wish you would | would be great if | would be nice if | can we have
        can i have | let me speak | let me talk | speak to someone | talk to someone | speak with | fix it
        fix this | fix that | fix your | fix the | fix my | fix ur | get it fixed | get this fixed | to be fixed
        sort it out | sort this | sort your | sort out | do something | resolve | look into | reach out
        get back to | give me ~ back | want my ~ back | get my ~ back | money back | refund* | reimburs*
        compensat* | replacement | credit my | call me | call back | ring me | email me | contact me | dm me | pm me
        message me | text me | reply to | respond to | answer my | answer the | follow me | check your | check my
        send me | cancel my | change my | update my | return my | rebook* | reschedul* | deliver my | ship my
        bring back | stop sending | stop calling | stop charging | take me off | unsubscribe me | feature request
        suggestion | would you consider | you should add | wanna talk to | require | looking for help | owe me
        hoping you | hope you can | trying to get | trying to reach
    """,
    "fault_report": """
        not working | isnt working | arent working | wasnt working | not work | doesnt work | didnt work | dont work
        wont work | stopped working | stops working | never works | not functioning | not loading | wont load
        doesnt load | isnt loading | wont open | wont start | wont turn on | wont charge | not charging
        wont connect | not connecting | wont let | not letting | doesnt let | wont accept | wont download
        wont play | wont update | not updating | wont sync | not syncing | not showing | doesnt show
        not responding | unresponsive | not available | keeps crashing | keep crashing | crashes | crashed
        crashing | keeps dropping | keeps saying | keep getting | keeps freezing | freezes | freezing up | frozen
        glitch* | buggy | a bug | bugs | laggy | lagging | buffering | is down | are down | went down | still down
        down again | been down | going down | down for | internet down | wifi down | network down | service down
        website down | site down | server down | servers down | no internet | no signal | no service | no wifi
        no network | no power | no connection | no coverage | no data | no dial tone | no hot water | no heat
        outage* | drops out | dropped call* | disconnect* | error | errors | is broken | are broken | broken | broke
        broke down | unable to | cant log | cant login | cant sign | cant access | cant connect | cant get
        cant use | cant open | cant see | cant find | cant seem | cant do | cant make | cant pay | cant book
        cant check | cant even | cant upload | cant download | cant update | cant send | cant receive
        cannot access | cannot log | cannot get | cannot use | cannot connect | cannot open | cannot find
        couldnt get | couldnt log | couldnt check | failed | fails to | failing | timed out | times out
        not received | never received | havent received | didnt receive | hasnt received | havent got
        havent gotten | hasnt arrived | havent arrived | not arrived | didnt arrive | never arrived | not delivered
        never delivered | wasnt delivered | hasnt come | didnt come | never came | never showed | didnt show up
        not been delivered | hasnt shipped | not shipped | is missing | are missing | was missing | missing from
        missing item* | missing my | missing part* | missing bag* | lost my | lost bag* | lost luggage | lost parcel
        lost package | lost order | is delayed | been delayed | was delayed | delayed again | delayed flight
        flight delayed | hours delay | hour delay | hours late | hour late | mins late | minutes late
        flight cancelled | cancelled flight | flight canceled | been cancelled | got cancelled | cancelled my
        canceled my | stuck on | stuck in | stuck at | stuck with | slow internet | so slow | very slow | too slow
        really slow | super slow | slow speed* | slowest | defective | faulty | damaged | cracked | torn | leaking
        leaks | blank screen | black screen | battery drain* | drains | overheat* | wrong item | wrong order
        wrong size | wrong address | wrong product | wrong one | out of stock | locked out | logged out | signed out
        not recognized | not recognised | invalid | declined | expired | after updating | since updating
        since the update | after the update | since ios | new update | latest update | disappeared | went away
        wont stop | says it | not turning on | malfunction* | no sound
    """,
    "details_given": """
        dm sent | sent dm | sent a dm | sent you a | sent u a | dmed | dm d | sent it | just sent | have sent
        ive sent | i sent | sent you | sent them | pm sent | pmed | messaged you | emailed you | inboxed
        check ~ dm | check ~ dms | check ~ inbox | check ~ messages | replied via | replied to your | replied in
        replied by | responded to your | in your dm | in your inbox | via dm | by dm | send you dm | send you a dm
        dm you | ill dm | will dm | dm them | filled ~ form | submitted | case number | case no | ticket number
        ticket no | order number | order no | order id | my order is | booking reference | booking ref
        reference number | reference is | ref number | ref no | confirmation number | confirmation code
        tracking number | tracking no | account number | flight number | serial number | my number is | my email is
        my name is | my address is | my postcode | my zip | postcode is | zip code | pnr | imei | heres the
        here is the | here is my | heres my | here are | attached | as requested | as you asked | like you asked
        same here | same problem | same issue | same thing | me too | us too | also affected | also having
        happened to me | happening to me | mine too | im having the same | i have tried | ive tried | already tried
        tried that | tried it | tried all | tried everything | did that | did all that | already did | ive already
        i already | i did already | i have already | ive done | have done that | ive just done | i called
        ive called | i have called | i emailed | ive emailed | i spoke | ive spoken | i contacted | ive contacted
        i reported | ive reported | it says | it said | it shows | i use an | im using | i am using | running ios
        on ios | version is | model is | my phone is | done just now | just did | did it | done it | all done
        it was ordered | i ordered | i bought | i purchased | i booked | my flight is | on flight | flight no
    """,
    "threat_to_leave": """
        cancel my account | cancel my subscription | cancel my service | cancel my contract | cancel my membership
        cancelling my | canceling my | canceled my subscription | cancelled my subscription | cancel prime
        switch to | switching to | switching from | switched to | switch provider* | switching provider*
        time to switch | changing provider* | change provider* | leaving you | going to leave | moving to another
        moving my | taking my business | take my business | go elsewhere | going elsewhere | lost a customer
        lost my business | losing a customer | losing customers | lose a customer | lost me as | lose me as
        lost another customer | never again | never fly* ~ again | never us* ~ again | never buy* ~ again
        never shop* ~ again | never order* ~ again | never stay* ~ again | never book* ~ again | never coming back
        never going back | wont be back | not coming back | wont be flying | wont be using | wont be buying
        wont be ordering | wont be shopping | not be using | last time i | last time we | last time im
        done with you | done with your | im done with | so done with | closing my account | close my account
        deleting ~ app | delete ~ app | uninstall* ~ app | boycott* | looking for another | find another
        find a new | ditching | ditch you | got a new provider | your competitor* | avoid ~ company | stay away from
    """,
    "safety_or_legal": """
        lawsuit | sue you | suing | my lawyer | my attorney | my solicitor | legal action | small claims
        take you to court | see you in court | police report | call the police | called the police
        calling the police | report you to | reporting you to | illegal | fraud* | scammed | scamming | scammer*
        unauthorised | unauthorized | identity theft | hacked | been hacked | got hacked | hacker* | stolen from
        stole my | stolen my | was stolen | my stolen | phishing | unsafe | not safe | safety | dangerous* | hazard*
        health risk | injured | injury | was hurt | got hurt | ambulance | in hospital | to the hospital | in the er
        caught fire | on fire | is smoking | burned me | burnt me | electric shock | electrocuted | exploded
        food poisoning | poisoned | raw chicken | raw meat | spoiled | rotten | allergic reaction | allergies
        hair in | glass in | plastic in | metal in | mold | mould | mouldy | moldy | maggot* | cockroach* | worms
        rat in | insect* | assault* | harass* | threatened | car accident | a crash | racist | racism | racial
        discriminat* | privacy | data breach | leaked my | gdpr | ombudsman | trading standards | regulator
        consumer protection | attorney general | ftc | fcc | better business bureau | ofcom | false advertising
        emergency
    """,
    "complaint": """
        worst | terrible | terribly | horrible | horrid | horrendous | awful | disgusting | disgust* | pathetic
        ridiculous* | unacceptable | shame on | shameful | shambles | disgrace* | disappoint* | frustrat* | annoying
        annoyed | irritat* | furious | fuming | livid | pissed | unhappy | dissatisf* | upset | upsetting | rude
        rudest | useless | hopeless | incompeten* | unprofessional | unreliable | disrespect* | poor service
        poor customer | poor experience | very poor | so poor | poorly | bad service | bad customer | bad experience
        such bad | really bad | so bad | zero customer | no customer service | customer service is
        customer service sucks | what a joke | is a joke | are a joke | a joke | scam | scams | rip off | ripoff
        ripped off | robbery | robbing | overcharg* | charged me | charged twice | charged for | double charged
        charging me | got charged | being charged | was charged | been charged | hidden fee* | billed | expensive
        too much money | more expensive | waiting | waited | on hold | hours late | late again | always late
        is late | late delivery | arrived late | came late | was late | so late | hour wait | hours wait | fed up
        sick of | tired of | had enough | had it with | getting old | wtf | wth | ffs | smh | sucks | you suck
        ur suck | sucked | epic fail | failure | lied | liar* | lying to | mislead* | misled | ignored | ignoring
        ignore | no response | no reply | no answer | no one answers | no one picks | no one is | nobody answers
        nobody is | no one will | nobody will | not answering | never answered | never responded | never replied
        never called | didnt reply | didnt respond | hung up | hang up on | not happy | not impressed | not good
        not ok | not okay | not cool | not acceptable | not right | not fair | unfair | not fun | not helpful
        unhelpful | not pleased | not amused | not helping | doesnt help | didnt help | no help | isnt good
        aint right | waste of | wasted | wasting | complain* | issue | issues | problem | problems | trouble
        something wrong | went wrong | goes wrong | is wrong | wrong with | nightmare | garbage | is trash | rubbish
        crap | crappy | bs | bullshit | a mess | messed up | mess up | screwed | screw up | screwing
        thanks for nothing | thank you for nothing | no thanks to | supposed to | was told | were told | been told
        told me | promised | still no | still not | still nothing | still havent | still hasnt | still dont
        still didnt | not yet | for the third | third time this | 3rd time this | third time in | second time this
        2nd time this | every time i | over an hour | over a week | over a month | for hours | for weeks | for days
        for months | days ago | weeks ago | for the past | years and | another day | do better | seriously
        unbelievable | really guys | get it together | get your act | step up | explain yourself | not what i
        not worth | didnt even | dont even | doesnt even | wont even | make up your | stop being | how hard
        how dare | no longer | why bother | poor quality | low quality | bad quality | downgrade* | inconvenien*
        misinform* | neglect* | uncomfortable | dirty | filthy | gross | stale | cold food | undercooked
        overpriced | greedy | shady | sketchy | terrible service | worse | so wrong | killing me | ruined | ruining
        sucky | shitty | lack of | lacking | look what | expect better | i expect | i expected | poor | slow
        unable | refus* | denied | forced to | nothing works | not sure why | no apology | apologize | apologise
        apology | missed my | missed connection | miss my
    """,
    "complaint_if_negated": """
        happy | impressed | good | great | ok | okay | cool | acceptable | right | fair | fun | helpful | helping
        help | pleased | amused | worth | what i | as described | as advertised | professional | fresh | clean
        satisfied | answering | answered | answer | answers | respond* | reply | replied | replies | care | cares
        trust | recommend | comfortable | nice | enough | edible | on time
    """,
    "fault_report_if_negated": """
        work | works | working | worked | loading | load | loads | open | opening | start | charge | charging
        connect | connecting | update | updating | sync | syncing | show | showing | responding | available
        received | receive | arrived | arrive | delivered | deliver | shipped | come | came | showed up | turn on
        turning on | turned up | download* | upload | play | playing | accept | let me | letting me | functioning
        find | log in | login | access | refunded | credited | paid | activated | recognised | recognized | appear*
        respond | validate | fit
    """,
    "praise": """
        great | love | loved | loving | awesome | amazing | excellent | fantastic | the best | perfect | perfectly
        wonderful | brilliant | kudos | shout out | shoutout | well done | good job | great job | nice job | helpful
        impressed | happy with | so happy | lovely | superb | outstanding | recommend | delicious | good service
        great service | very good | really good | so good | nice work | props to | hats off | enjoyed | beautiful
    """,
    "settled": """
        been resolved | is resolved | its resolved | got resolved | been fixed | is fixed | its fixed | i fixed it
        got it fixed | now fixed | all fixed | been sorted | all sorted | its sorted | got it sorted | now sorted
        sorted now | working now | works now | now working | now works | back up | problem solved | issue solved
        figured it out | never mind
    """,
    "thanks": """
        thank | thanks | thankyou | thx | thnx | tnx | tks | ty | tysm | cheers | appreciate* | grateful
        much obliged
    """,
    "spam": """
        giveaway | give away | win a free | win free | free gift | gift card* | claim your | click here
        click the link | link in bio | promo code | discount code | coupon code | followers | follow back
        follow for follow | work from home | make money | earn money | earn $ | passive income | bitcoin | crypto
        forex | investment | casino | betting tips | whatsapp me | hot girls | nudes | onlyfans | cheap price
        buy now | order now | limited offer | free shipping | check out my | subscribe to my | retweet to win
        rt to win | enter to win | join our | join now
    """,
}
"""Reason to phrases, for text in Latin letters."""

HIGH_ENGLISH: dict[str, str] = {
    "high": """
        stranded | stuck at the airport | stuck on the plane | stuck on a plane | stuck on the tarmac
        stuck on board | trapped | locked out | locked me out | account locked | hacked | been hacked | hacker*
        fraud* | unauthorised | unauthorized | identity theft | stole my | stolen | emergency | ambulance
        in hospital | to the hospital | in the er | injured | caught fire | on fire | electric shock | exploded
        food poisoning | allergic reaction | unsafe | not safe | dangerous* | in danger | assault* | harass*
        threatened | car accident | accident | data breach | leaked my | everyone is down | whole city | whole town
        whole area | entire area | nationwide | major outage | massive outage | outage | draining my account
        taking money | took money | without insulin | without medicine | medication | newborn | disabled
        wheelchair | elderly | no heat | freezing cold | power is out | gas leak | scammed | blocked my card
        card ~ blocked | blocked my account | account ~ blocked | account ~ disabled | a gun | with a gun | weapon
        called the police | police | last flight | missed my connecti* | missed our connecti* | raw chicken
        raw meat | spoiled | rotten | allergic | on earth is down | everyones is down | every ~ is down | pregnant
    """,
}
"""Phrases that make a matter urgent when a person is needed at all."""

NEGATIONS = """
    not no never dont doesnt didnt isnt wasnt arent werent wont cant couldnt wouldnt hasnt havent without hardly aint
    nor nobody noone neither cannot
    لا ولا ما مو مش مب موب ليس ليست ليسو غير لم لن مافي مافيه مافى مفيش ماكو بدون بلا ماهو مهو مهوب ماكان مكنش ماشي
    محد ماحد محدش عدم منيش مانيش
"""
"""Words that turn what follows: praise and complaints into nothing, and the `_if_negated` tables into what they say."""

BUTS = "but however though yet still except بس لكن لاكن ولكن الا"
"""Words after which a settled matter is not settled."""

FILLERS = """
    very so that really too any a an the such much all quite even at be been being is it to get got one will still yet
    كثير كتير جدا مره مرا اوي قوي وايد ابد ابدا اي في فيه كان كانت يكون هو هي عم عاد راح رح قاعد احد حدا حد عندي عندنا
    يتم تم قادر قادره راضي راضيه عارف عارفه اقدر نقدر بقدر استطيع بعرف عرفت قدرت بتقدر
"""
"""Words that may stand between a negation and its word."""

SIGNS: dict[str, frozenset[str]] = {
    "question": frozenset("?؟？"),
    "complaint": frozenset("😡🤬👎😠😤🤮🤢💩"),
}
"""Reason to single characters that give it without words."""
