"""The words that tell a name from the rest of a text, and a place from what only looks like one.

Keys are lower case without apostrophes: see `key`.
"""

import re

from branches.texting.understanding.ordinary_words import NEVER_NAMES

__all__ = ["NEVER_NAMES", "key"]

_LONG_DRAWN = re.compile(r"(.)\1{2,}")


def key(word: str) -> str:
    """Give a word as it stands in these lists: "I'm" as "im", "Hellooo" as "hello"."""
    return _LONG_DRAWN.sub(r"\1", word.lower().replace("'", ""))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


GREETINGS = _set(
    """
    hi hiya hey heya hello helo hullo howdy hallo ello alright morning afternoon evening good dear
    greetings yo sup day bore pnawn prynhawn noswaith nos shwmae shwmai sut smae salaam salam
    assalamualaikum namaste hola bonjour welcome
    """,
)
THANKS = _set(
    """
    thanks thank thankyou thanx thx tnx tks thnx thks thanku cheers ta ty tysm tyvm nice1 diolch
    appreciated grateful gratitude brilliant great perfect lovely excellent fantastic amazing super
    ok okay okey oki k kk cool fine alright sound sorted got noted understood received bye goodbye
    cya ttyl sounds luck dokie dokey haha lol welcome np brill fab superb wonderful awesome wicked
    ace nice gotcha roger iawn gwych hwyl xx xxx x no nope
    """,
)
COURTESIES = (
    THANKS
    | GREETINGS
    | _set(
        """
    you u ya yous very much so a lot lots many again for the that thats its it is your help info
    information message reply texting text getting back me im ill will do done i all just now then
    there one mate m8 pal love comrade comrades friend see later soon tomorrow speak well really
    too to everyone both kind kindly of this problem worries prob bother need been useful helpful
    most ever such and in advance wishes best regards solidarity have take care enjoy weekend night
    yn fawr iawn am eich ti chi da nawr hun on thats are yes yeah yep yup okie okey stuff there job
    monday tuesday wednesday thursday friday saturday sunday tonight
    """,
    )
)
REQUESTS = _set(
    """
    branch branches meeting meetings join joining member membership nearest closest local find
    where when what which how name names postcode want wanted would like looking please send tell
    can could contact organiser area live living
    """,
)
WITH_STOP = _set(
    """
    it now all this that please pls plz thanks thank you u texts text texting messages message
    messaging msgs msg sms me immediately already everything stop end these those the sending spam
    spamming forever contact contacting subscription unsubscribe from service mate
    """,
)

SURNAMES_TOO = _set(
    """
    day best love hurt self low head england ireland scotland wales friday street close branch
    nurse march good early story holiday case speed worth stock drive money large farmer driver
    cross parents pass post horn coach pace battle plumber weeks nice free book walk price hours
    """,
)
"""Ordinary words that are surnames after a first name: "Doris Day"."""
DWELLINGS = _set("flat apartment apt unit no number room floor block house plot")

HONORIFICS = _set(
    """
    mr mrs ms miss mx dr prof professor rev revd reverend sir dame lord lady cllr councillor fr
    capt captain sgt cpl pvt lt
    """,
)
PARTICLES = _set(
    "de da do dos das di du del della la le van von der den ter ten bin ibn bint ap ab ferch al el",
)

FILLERS = GREETINGS | _set(
    """
    thanks thank thankyou thanx thx tnx cheers ta ty diolch please pls plz plse pleas x xx xxx ok
    okay yes yeah yep yup no hmm um er oh ah well so and n or but also then the a an you u ur your
    r kind best warm many regards wishes sincerely yours faithfully solidarity comrade comrades
    comradely fraternally sir madam mate m8 all team folks everyone guys there here again now sorry
    name names named called forename first full surname last middle fore given its it is s are be
    my me i am im our this that postcode postcodes post code codes pc p c zip postal address addr
    area near from in at of to for by with on around round via lol haha very much lots tel phone
    mob mobile number num email mail text txt sms ref re fao enw cod fy yw ydw yn o aged age yrs yr
    years old yo love fwd fw pcode gan dw os gwelwch chi dda fawr iawn hefyd ac ydy hoffwn
    everybody both
    """,
)
PREPOSITIONS = _set(
    """
    from in at near nearby around round by of to for off upon outside inside between beside towards
    opposite behind over under above below across next close within via on with about into o yn ger
    """,
)

SOFT = _set(
    """
    will mark may hope grace young long art dawn rose summer autumn joy faith penny chase april
    june august small brown black white green gray grey king knight bishop price west north south
    east english french welsh field fields hall hill hills lane park church wood woods banks rivers
    brook brooks lake heath moor glen dale ford bridge bush savage sharp noble moody swift wise
    gold silver steel stone flint baker cook mason hunter parker porter weaver marshall major
    sergeant pope bloom berry sun virtue constance patience mercy earl duke prince rusty rocky
    buster ace junior star sky skye rain storm river jay dove christian pearl ruby amber crystal
    dick ward battle temple freeman newman reader sand sands waters winter bell ball cousin guy
    bill frank power read page driver house law strong short happy poor cross case min little rich
    quick
    """,
)

STREETS = _set(
    """
    road rd street str avenue ave close crescent cres drive gardens gdns terrace square estate mews
    row grove rise cottage cottages mansions towers villas parade heol stryd ffordd roundabout
    boulevard broadway highway quay wharf
    """,
)
STREETS_AFTER_NUMBER = STREETS | _set(
    "st lane ln dr court ct way walk place pl park hill house hall view green end side field",
)

PLACES = _set(
    """
    london manchester birmingham leeds bristol liverpool cardiff swansea newcastle glasgow
    edinburgh nottingham leicester coventry hull brighton plymouth southampton portsmouth norwich
    oxford cambridge walthamstow leyton leytonstone tottenham brixton peckham lewisham hackney
    islington camden croydon ealing brent enfield haringey newham southwark lambeth greenwich
    woolwich wimbledon tooting balham clapham battersea fulham hammersmith acton wembley harrow
    barnet finchley stratford ilford romford barking dagenham bow poplar wandsworth streatham
    deptford hounslow twickenham kingston richmond bexley bromley newport wrexham caerphilly
    pontypridd bangor aberystwyth carmarthen llanelli merthyr barry sheffield bradford wakefield
    huddersfield doncaster rotherham barnsley york harrogate middlesbrough sunderland gateshead
    durham darlington stockton tyne trent thames humber mersey avon wolverhampton walsall dudley
    stoke derby lincoln northampton peterborough ipswich colchester chelmsford southend luton
    watford reading slough swindon gloucester cheltenham bath exeter truro bournemouth poole
    salisbury winchester basingstoke guildford crawley hastings eastbourne canterbury maidstone
    dover margate salford bolton bury oldham rochdale stockport wigan warrington preston blackpool
    blackburn burnley lancaster carlisle birkenhead wirral chester crewe belfast derry lisburn
    dundee aberdeen inverness stirling essex kent surrey sussex norfolk suffolk devon cornwall
    dorset somerset yorkshire lancashire cheshire cumbria northumberland hampshire wiltshire
    gwynedd powys dyfed gwent
    """,
)
PLACES_THAT_ARE_SURNAMES = _set(
    """
    sheffield bradford york lincoln bolton preston derby stafford barnsley chester lancaster
    warwick hackney kent bath bury stratford barry hastings dudley durham kingston richmond
    stirling bow poole reading wakefield devon darlington bromley norfolk washington stoke burnley
    camden hull newport acton enfield warrington chelsea carlisle barnet lisburn bangor essex
    surrey cornwall dorset
    """,
)

# "M1 2pm" is a time, "E8 3km" a distance, and no slip makes a postcode of "Lee".
NOT_AN_INWARD_PART = _set(
    """
    AM PM KM KG CM MM ML YO HR HRS MIN KW MB GB TB UK US OK TH ST ND RD ian its ira isa lee les
    len lea lex lyn luz lad let led leg lap las law lay lew lab lot lets old one our out own odd
    off oar oat ode ola ona ops
    """,
)
ORDINALS_OF = _set(
    """
    floor flr of street st road rd avenue ave january february march april may june july august
    september october november december jan feb mar apr jun jul aug sept sep oct nov dec time year
    flat world
    """,
)

OUTCODE_CUES = _set(
    """
    postcode postcodes code pc in near nearby live living lives area around from at based to round
    close is im zip its cod yn half branch branches meeting meetings nearest
    """,
)
OUTCODE_FOLLOWERS = _set(
    """
    area postcode district postcodes way neighbourhood bit part end branch branches meeting
    meetings
    """,
)
ROADS_BEFORE = _set(
    """
    the on off my a junction jct jn motorway road via bus buses route flat unit room number no
    platform gate block bay apartment apt floor exit nightbus iphone galaxy vitamin model size
    """,
)
ROADS_AFTER = _set(
    """
    road rd motorway services service junction jct bus buses corridor roundabout bypass northbound
    southbound eastbound westbound traffic slip exit vitamin vitamins
    """,
)
SHORTHAND = frozenset({"m8", "l8", "w8", "b4", "m8s", "l8r", "n1", "g2", "s8", "h8"})
AREAS_THAT_ARE_WORDS = _set("me so im al de la co ta do to in at is no on my or he hi bt")
