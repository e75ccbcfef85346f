"""The words that tell a name from the rest of a text, and a place from what only looks like one.

Keys are lower case without apostrophes: see `key`.
"""

import re

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
    cya ttyl haha lol welcome np brill fab superb wonderful awesome wicked ace nice gotcha roger
    iawn gwych hwyl xx xxx x no nope
    """,
)
COURTESIES = (
    THANKS
    | GREETINGS
    | _set(
        """
    you u ya yous very much so a lot lots many again for the that thats its it is your help info
    information message reply texting text getting back me im ill will do done i all just now then
    there one mate m8 pal love comrade comrades friend see later soon tomorrow speak well
    really too to everyone both kind kindly of this problem worries prob bother need been
    useful helpful most ever such and in advance wishes best regards solidarity have take care
    enjoy weekend night yn fawr iawn am eich ti chi da nawr hun on thats are
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

HONORIFICS = _set(
    "mr mrs ms miss mx dr prof professor rev revd reverend sir dame lord lady cllr councillor fr",
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
    years old yo gan dw os gwelwch chi dda fawr iawn hefyd ac ydy hoffwn everybody both
    """,
)
PREPOSITIONS = _set(
    """
    from in at near nearby around round by of to for off outside inside between beside towards
    opposite behind over under above below across next close within via on with about into o yn ger
    """,
)

NEVER_NAMES = _set(
    """
    able abt academic accept access account act action active activist actor actual actually add
    adult advance advert advertised advertisement advice advise aelod aelodaeth affected after
    against ago agos agosaf agree agreed agreement ahead alert alla allwch almost alone along
    already although always amazed amazing among anarchist android angry another answer any any1
    anybody anyhow anymore anyone anything anyway anywhere apart apartment apologies appear appears
    apply appreciate appreciated apprentice appropriate apt ar arent arse arsehole article artist
    as asap asian ask asked asking aslef assist atheist atoch attached attempt attend attn auntie
    available await away awful b4 back background bad banner bartender based basically bastard
    bastards bc bcos became because become been before begin being believe beth better beyond bfpo
    bi big bisexual bit bitch ble block bloke bloody body bollocks book booked bored born boss
    bought box boy boyfriend branch branches break brexit bring britain british bro broke broken
    brother browser btw build builder building bunch bus business busy buy bye byw call caller
    calling came campaign campaigning can cancel cangen cannot cant canvassing capitalism car care
    carer caring carry catch center centre certain certainly chance change charge chat check
    checked checks child children choice choose chosen chwilio city claim class cleaner clear click
    clinic closer closest colleague college combine come comes coming comment comments commie
    commies common communism communist community commuting complete completely complex conference
    confirm conflict congress connect consider considered considering contact contacts contain
    contains content convenient copy corbyn correct correctly cos cost could couldnt couldve
    council councils country county couple courier cover coz create critical cud cunt cunts curious
    currently cut cuts cwu cyfarfod cyfarfodydd cymru dad daddy dads daily data date daughter days
    deal december default definitely delighted delivered demo demonstration demos depends desperate
    despite detail details dickhead did didnt die difference different difficult direct direction
    directions directly disabled discuss display district dm do doctor does doesnt doin doing
    donate donation done dont door double down due dues during dweud dwi each earlier early easily
    eastern easy economy education effect effectively effort eh eight eighteen eighty eisiau eisie
    either elderly election elections electrician eleven else employed employer employment end
    engaged engineer england enjoy enough enquire enquiries enquiring enquiry ensure entire
    environment environmentalist error especially etc europe even evenings event events ever every
    every1 everything exactly example excellent excited exist existing exists expect explain
    express extremely face facebook fact faggot fail failed fall false family far farage fascism
    fascist fast faster father favour fbu feature february fed fee feel feeling fees fella feminist
    few fifteen fifty fight fighting figure fill final finally finance find finding finish finished
    fit five fixed flat flatmate floor flyer flyers follow following food force forget forgot form
    forty forward found four free freelance freely friday friend friends fuck fucker fuckers
    fucking fuckoff fund furious further future gallaf gallwch game gave gay gaza gb gd general
    generally generate get gets getting girl girlfriend give giving glad gmb go goes goin going
    gone gonna google got gotta government gr8 gran grandad granddad grandma great greens grew
    group groups guess guide gweld gwybod gwybodaeth gyda gyfer had hadnt half happen happening
    happens happy hard has hasnt have havent havin having he head health hear heard held help
    helpful helping helpu her hers higher him himself hindu his hit hitler hold holiday home
    homeless hoping hospital hour hours housemate housing how however hows hrs huge human hundred
    hungry hurt husband id idea ideas idiot idiots idk if ignore ill illness imagine imo important
    impressed inbox include included includes including independent individually info inform
    information insta instagram instead interest interested interesting interests internet
    introduce invalid involve involved involvement iphone ireland irish isie isio isnt israel issue
    issues itself ive january jewish job jobs join joined joining journal just keen keep kept kid
    kids kinda kindly kingdom knew know known knows labour lad lads large lastly late later latest
    laws lead leaflet leafleting leaflets learn learned learning learnt least leave leaving
    lecturer left leftie lefty leninist lesbian less lesson let lets letter level liberal librarian
    life lift like liked likely line link list listen live lived lives living lk lleol loads local
    locally locals locate located location locations lonely longer look looked lookin looking looks
    lose loser losers loss lost lot lovely low lower lunch luv mad made mae magazine main mainly
    make makes making mam man manager manual manually manylion march marched marching married
    marxism marxist marxists mates matter maximum maybe mean means meant meet meetin meeting
    meetings meetins meets meetup member members membership men mental mention message messages met
    mid midday midlands might mile miles mind mine minimum minute missed missing moment monday
    money month monthly months mood more most mostly mother move moved movement moves moving moyn
    mtg mtgs mtng mum mums musician muslim must mustnt mynd myself nan national nazi nearest
    necessary need needed needing neednt needs negative neighbor neighbour neighbours neither
    nephew neu never new news newsletter newspaper newydd nhs nice niece nigger night nine nineteen
    ninety no1 nobody none nor normal normally northern not note notes nothing notice november
    nowhere nurse obtaining obviously occur october offer office official often oi older once one
    ones ongoing online only onto open opened opinion order organisation organisational
    organisations organise organised organiser organisers organising organization organizations
    organizer originally other others otherwise ought oughtnt ours out own pacifist paid paki
    palestine paper papers paramedic parent parents part partial particular partner party pass
    passed past pattern pay paying pcs pension pensioner people per perform perhaps permission
    person personal petition petitions photo pic picked picket picketing pickets pics piece piss
    pissed place places plaid plan platform play pleasure plumber plus pm point police policies
    policy political politics positive possible possibly poster posters postie potential pounds ppl
    practice prefer preference pregnant prepared presume pretty previous previously prick print
    printed private probably problem process produced progress progressive promise properly
    protected protection protest protests provide provided provides providing public put qs queer
    queries query question questions quickly quid quite radical raise raised rally rare rarely
    rather reach ready real really reason reasons receive received recent recently reckon recommend
    recommended refer referred reform regarding regardless region regional register registered
    related remain remaining remember remove rent renting rep repeat replace reply report reps
    republican request requests require required requirement researcher resident respect respond
    response responsibility rest retard retired return returned returning revolution revolutionary
    rider right rights ring rise rmt road room rubbish rules run running sad said same samsung sat
    saturday save saw say saying says school scotland scottish scum search searching second seconds
    security see seeing seem seems seen self sell send sending sense sent september serious service
    services session set setting seven seventeen seventy several shall share shared sharing she
    shift shit shop should shouldnt show shown shud sick side sign signal signed signer signing
    sikh similar simple simply since single sister site situation six sixteen sixty size skint slag
    sleep slow slower slut smart social socialism socialist socialists society some some1 somebody
    somehow someone something sometime sometimes somewhere son soon sooner soonest sort sosialaidd
    sounds sources southern spare speak speaking specific split spoke staff stall stalls stand
    standing starmer start started starting state station stay staying step steps steward still
    stop stopped store story straight strict strike strikes strongly struggle stuck student
    students study studying stuff subscribe subscription subscriptions success successfully such
    suggest sum1 sunday support supporter supporting suppose sure swp sydd system take taken takes
    taking talk talking tbh teach teacher telegram tell telling temporary ten terminate test tests
    texted texting than thats their them themselves therefore theres these they theyre thing things
    think thinking third thirty tho those though thought thousand three thrilled through thru
    thursday thus tiktok till time times tired tmrw today together told tomorrow tomoz tonight too
    took tool top tories tory total touch tough town trade train trainee trans travel tried tries
    trotskyist trotskyists trotskyite true trust try trying tssa tuesday turn tusc tv twat twats
    twelve twenty twice twitter two type typing ucu uk ukip ukraine unable uncle undeb understand
    unemployed uni union unions unison unit unite united university unless unsure until up update
    updates upon urgent urgently us usdaw use used useful user uses usually values various vegan
    vegetarian veggie venue video view views village visit visiting volunteer vote voted voting
    wage wages wait waiter waiting waitress wales walk walking wanker wankers wanna want wanted
    wanting wants war warehouse warning was wasnt wat watch water way ways we weather website wedi
    wednesday week weekend weekly weeks weird wen were werent western weve what whatever whats
    whatsapp whatsoever when whenever where wheres wherever whether which while who whole whom
    whore whos whose why wife willing win wish wishing without wiv woke woman women won wonder
    wondered wondering wont word words work worked worker workers working workplace works world
    worried worry worse worst worth wot would wouldnt write writer writing wrong wrote wrtha wrthaf
    wud yall yea year yet ymuno youre yourself youth youve zero
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
    bill frank power read page driver house law strong short poor cross case min little rich quick
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
    durham darlington stockton wolverhampton walsall dudley stoke derby lincoln northampton
    peterborough ipswich colchester chelmsford southend luton watford reading slough swindon
    gloucester cheltenham bath exeter truro bournemouth poole salisbury winchester basingstoke
    guildford crawley hastings eastbourne canterbury maidstone dover margate salford bolton bury
    oldham rochdale stockport wigan warrington preston blackpool blackburn burnley lancaster
    carlisle birkenhead wirral chester crewe belfast derry lisburn dundee aberdeen inverness
    stirling essex kent surrey sussex norfolk suffolk devon cornwall dorset somerset yorkshire
    lancashire cheshire cumbria northumberland hampshire wiltshire gwynedd powys dyfed gwent
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
    AM PM KM KG CM MM ML YO HR HRS MIN KW MB GB TB UK US OK XX TH ST ND RD ian its ira isa lee les
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
    close is im zip its cod yn
    """,
)
OUTCODE_FOLLOWERS = _set("area postcode district postcodes way neighbourhood bit part end")
ROADS_BEFORE = _set(
    """
    the on off junction jct jn motorway road via bus buses route flat unit room number no platform
    gate block bay apartment apt floor exit nightbus iphone galaxy vitamin model size
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
