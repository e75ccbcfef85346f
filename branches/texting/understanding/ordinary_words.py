"""Ordinary words of the texts that people send: none of them is the name that a text gives.

Left out are those that are surnames or first names too, such as Marsh, Wall and Snow; what is one
now and then stands in `words.SOFT`.
"""

NEVER_NAMES = frozenset(
    """
    able absolutely abt academic accept access accident accidentally accommodation account
    accountant accounts acknowledge act action active activist actor actual actually add addressed
    adim adopt adult advance advert advertised advertisement advice advise aelod aelodaeth aelodau
    affected afford afraid after afterwards against agenda ages ago agos agosach agosaf agree
    agreed agreement ahead alert alla allech allotment allotments allow allowed allwch almost alone
    along alongside already although always amazed amazing ambulance among amongst anarchist
    android anfon anfonwch angry another answer answers anxious any any1 anybody anyhow anymore
    anyone anything anytime anyway anywhere apart apartment apologies appear appears apply
    appointment appreciate appreciated apprentice apprenticeship approach appropriate apr apt ar
    arent argh arrange arranged arrive arrived arse arsehole article artist as asap asian ask asked
    asking aslef assemblies assembly assist assistance assistant atheist atm atoch attached attack
    attempt attend attention attn aug aunt auntie austerity autistic auto available avoid await
    awake away awful aww b4 baby back background backwards bad bakery banner barely bargaining
    barista bartender based basically bastard bastards bathroom bc bcos beautiful became because
    become bedroom bedroomtax bedsit been beer before begin beginning behalf beige being believe
    belong benefit benefits better beyond bfpo bi big bike bikes bin bins birthday bisexual bit
    bitch bitte blah ble blind block bloke bloody blwyddyn board boat body bollocks boo book booked
    border bored born boss bother bothered bottom bought box boy boyf boyfriend brain branch
    branches bread break breakfast breakup brexit brief brill bring britain british bro broke
    broken brother brought browser bruv btw budget budgets build builder building bullying bunch
    bureaucracy bureaucrats bus buses business busy buy bye byw cab cafe cake call caller calling
    calls came campaign campaigning can cancel cancelled candidate cangen cannot cant canteen
    canvass canvassing capitalism capitalist capitalists car caravan card cards care carer cares
    caring carry cat catch cats caught cause cba ceasefire center centre certain certainly chance
    change changed charge charity chat cheap cheaper check checked checks chef child childcare
    children chill choice choices choose chosen chuffed chwilio ciao cinema city claim class
    cleaner cleaners cleaning clear clerk click client climate clinic clock closed closer closest
    closing clothes club coalition coffee cold collapse colleague collect collecting collection
    college combine combined come comes comfortable coming comment comments commie commies common
    commune communism communist community commuting company compare complain complaint complete
    completely complex computer concern concerned conference confirm conflict confused
    congratulations congress connect conservatives consider considered considering constituency
    contact contacts contain contains content contract control convenient convinced cooking cool
    copy corbyn corona corporate correct correction correctly corrupt corruption cos cost costs
    could couldnt couldve council councillors councils count counter country county couple courier
    couriers courses court cousins cover covid coz crap crazy create crime crisis critical croeso
    crooks crowd cry crying cud cunt cunts curious current currently custom customer cut cutbacks
    cuts cwu cycle cycling cyfarfod cyfarfodydd cyfeiriad cymru czesc dad daddy dads daft daily
    danke data date daughter days dead deaf deal dealing dealt debate debt dec december decent
    decide decided decision default defend deffo definitely defo delay delighted deliver delivered
    deliveries delivery demo democracy democratic democrats demonstration demos dentist department
    depends deposit depressed depressing deputy deserve desk desperate despite destroy detail
    details dhanyavaad diary dickhead did didnt die difference different difficult dinner direct
    direction directions directly dirty disability disabled disagree disappointed disaster discuss
    disgrace disgraceful disgusted disgusting display dispute distance distribute district diy dm
    do dob dobry dobrý dockers docks doctor doctors dodgy does doesnt dog dogs doin doing dokie
    dole donate donating donation donations done dont door doors double doubt down downstairs draft
    dream dress drink drinks drivers driving dropped dry due dues dunno during dweud dwi dych
    dziekuje dzien dzień each ear earlier early earn earth easily eastern easy eat eating economy
    edge editor educated education educational effect effectively effort eg eh eight eighteen
    eighty eisiau eisie either elderly elect elected election elections electric electrician eleven
    else emails emergency empire employed employer employers employment encourage end enemy energy
    engaged engineer engineering engineers england enjoy enjoyed enormous enough enquire enquiries
    enquiring enquiry ensure entire entrance envelope environment environmentalist equal equality
    equipment errand error especially establishment estoy etc europe even evenings event events
    ever every every1 everyday everything evicted eviction evil exactly exam example exams
    excellent except exchange excited exciting exhausted exist existing exists expect expensive
    experience experienced explain explained exploit exploitation exploited explore express extra
    extremely eye eyes fab face facebook fact factories factory faggot fail failed faint fair
    fairly fall false families family famous fancy fans far farage farm farming fascism fascist
    fascists fast faster father fault fave favour favourite fbu fear feature feb february feckin
    fed fee feel feeling feelings fees fella fellow fellows felt feminist fence festival few ffôn
    fiancee fifteen fifty fight fighters fighting figure fill filling film final finally finance
    find finding fine finger finish finished firefighter firefighters firm fit five fix fixed flags
    flat flatmate flats flatshare flight floor flyer flyers focus follow following food foodbank
    foodbanks foot football force forever forget forgive forgot form former fortnight forty forum
    forward forwards found four free freedom freelance freely freezing fresh fri friday fridge
    friend friends fuck fucker fuckers fucking fuckoff fuel fuming fun fund funding funny furious
    further future fyi gallaf gallai gallwch game gang garage garden gas gather gathered gave gay
    gaza gb gcse gd general generally generate generation genocide genuine genuinely germany get
    gets getting gig gimme girl girlfriend give giving glad global gmb go goal god goes goin going
    gone gonna gonnae goodness google got gotta governing government govt gr8 gracias grade
    gradually graduate gran grandad grandchildren granddad grandma grandpa grandparents grandson
    grateful gravy grazie great greed greedy greens grew grocery ground group groups grow growing
    grown guess guest guide guilty guts gutted gweithwyr gweld gwybod gwybodaeth gyda gyfer gym had
    hadnt hahaha hair half half-term handed handing handle hands hanging happen happening happens
    hard has hasnt hate hated haters have havent havin having he head heading headteacher health
    healthcare hear heard heart heat heating heavy heck heddiw held help helper helpful helping
    helpline helpu hence heno her hereby herein hers hiccup higher him himself hindu hire hired his
    history hit hitler hmu hoffen hold holding holiday holidays home homeless honest honestly
    honour hoped hopefully hoping horrible horror hospital hospitality hostel hot hotel hour hours
    housemate houses houseshare housing how however hows hrs huge human hun hundred hundreds
    hungover hungry hunni hurry hurt hurts husband hwyl id idea ideas idiot idiots idk ie if
    ignorant ignore ignored ill illness imagine immediate immediately immigrant immigrants
    immigration imo important impressed inbox include included includes including independent
    individually inflation info inform information injured injustice inlaws innit inquiries inquiry
    insta instagram install instead institute insurance intend intention interest interested
    interesting interests internationalist internet interview introduce introduced introduction
    invalid investigate invite invited inviting involve involved involvement iphone iraq ireland
    irish irrelevant isie isio island isnt israel issue issues itself ive jail jam january jeez
    jestem jewish job jobcentre jobless jobs jobseeker join joined joiner joining joke jokes
    journal journalist journey jump junction juniors junk just keen keep kept kick kicked kid kids
    kill killed killing kinda kindly kingdom kiss kitten knackered knew knife knock knocked know
    knowing knowledge known knows labour lack lad ladies lads landing landlady landlord landlords
    language laptop large largest lastly late later latest laugh laughing laundry laws lawyer
    layoffs lead leaders leadership leaflet leafleting leaflets learn learned learner learning
    learnt least leave leaving lecture lecturer lecturers led left leftie lefties leftist lefty
    legal legend leninist lesbian less lesson let lets letter letters level liar liars lib liberal
    librarian librarians library licence license lied lies life lifelong lifetime lift like liked
    likely limit limited line lines link linked list listen listening literally literature live
    lived lives living lk lleol llinell lmao lmk load loads loan lobby local locality locally
    locals locate located location locations lockdown locked login lolz lonely longer loo look
    looked lookin looking looks lose loser losers loss lost lot loud loudly lousy lovely loves
    loving low lower lunch lunchtime luv machine mad made mae magazine main mainly majority make
    makes making male malicious mam man managed manager managing mandate manual manually manylion
    map maps march marched marches marching mardy market married marxism marxist marxists mass
    massive mate8 materialism maternity mates matter maximum maybe meal meals mean meaning means
    meant meantime meanwhile measure media medical medicine meet meetin meeting meetings meetins
    meets meetup meh member members membership men mental mention mentioned mentions merci merhaba
    mess message messaged messages messaging met metal mid midday midlands midnight midwife
    mieszkam might migrant migrants mile miles militant militants military million millionaire
    millions mind mine miners minimum minister ministers minor minute mirror mis miserable misery
    missed missing mistake mistaken mix mixed model modern moment mon monday money month monthly
    months mood more mortgage mortgages mosque most mostly mother motion motorway mountain mouth
    move moved movement moves moving moyn mp mps mtg mtgs mtng multiple mum mums municipal murder
    murdered museum music musician muslim must mustnt mynd myself nah nan national nationalisation
    nationalise nationalised nationalism nationalist nature naughty naw nazi nazis nearer nearest
    necessary need needed needing neednt needs negative neges neighbor neighbour neighbours neither
    nephew nervous network neu never new newbie newborn newcomer newly news newsletter newspaper
    newydd nextdoor nhs nice niece nieces nigger night nights nine nineteen ninety nino no1 nobody
    noise noisy none nonsense noon nor normal normally northbound northern not note notes nothing
    notice noticed notification notifications nov november nowadays nowhere nuclear nurse nursery
    nurses nursing nut nuts nvm object obtaining obviously occasion occasionally occur oct october
    odd ofc offence offended offer offers office offices official officials often oi okey okie
    older oldest oligarchs olá omg omw once one ones ongoing online only onto onwards oops open
    opened opening operate operator opinion oppose opposed opposition oppressed oppression option
    options orange order ordered orders ordinary organisation organisational organisations organise
    organised organiser organisers organising organization organizations organizer originally other
    others otherwise ought oughtnt ours out outrage outraged outrageous outreach outsourced
    outsourcing overtime overworked owe owed own owner owning pacifist packed pages paid pain
    painful pair paki palestine palestinian palestinians pandemic panic paper papers paramedic
    paramedics parcel parcels parent parents parking parliament parliamentarians part partial
    particular parties partly partner partners party pass passed passing passionate password past
    patient patients pattern pavement pay payday paying payment payments payslip pcs peaceful peeps
    pence pension pensioner pensioners pensions people per perform perhaps permanent permission
    permit person personal petition petitions petrol pets petty pharmacist pharmacy phd phew phones
    photo photos physical pic picked picket picketing picketline pickets pics piece pieces pin pink
    pint piss pissed pissing pity placard placards place placement places plaid plan plane planet
    planning plans platform play playing pleased pleasure pledge plenty plot plumber plus pm pmsl
    pocket poem poet point pointless police policies policy political politics poll polls poorer
    poorest popular population porters posh positions positive possible possibly posted poster
    posters postie posties posting postman postmen postwoman potential pounds poverty powerful ppl
    practical practice prefer preferably preference pregnant prego prepare prepared prepay present
    president pressure presume pretty prevent previous previously prices prick print printed
    priority prison privacy private privatisation privatise privatised prob probably problem probs
    process produced profit profiteers profits programme progress progressive project projects
    promise promised promises promote proof propaganda proper properly property prosze protected
    protection protest protester protesters protesting protestors protests proud prove proven
    provide provided provides providing pryd psychiatric pto pub public publication publish
    published pull pulled punish pupil puppy purchase purple purpose push pushed pushing put pwy qs
    quality quarter queer queries query question questions quickest quickly quid quiero quiet
    quieter quite quitting racism racist racists radical radicalised rail rails railway raining
    raise raised rally rang rant rare rarely rate rated rates rather reach ready real realise
    realised realistic really reason reasonable reasons rebel rebels receipt receive received
    recent recently reception recession reckon recognise recommend recommended recorded recover
    recycling red redundancy redundant refer referred reform reformism reformist reforms refugee
    refugees refund refuse refused refuseworkers regard regarding regardless regime region regional
    register registered regret regretfully related relative relatives relax release relief religion
    religious rely remain remaining remarkable remember reminder remote remove rent renters renting
    rents rep repair repairs repeat repeatedly replace replied replies reply report reporter
    represent representative reps republican request requests require required requirement rescue
    researcher researching resident residential residents resign resist resistance resolve
    resources respect respected respond response responsibility rest restart restaurant result
    results retail retard retire retired retirees retirement return returned returning revise
    revolution revolutionary reward rider right rights ring riot riots rip rise risk rmt rn road
    robbery rofl role rolling room rooms roots route rsvp rubbish rude ruin ruined ruled rules
    rumour run running rural sack sacked sad sadly safe safety said salary sale sales salesman
    salut same samsung sanction sanctions sat satisfied saturday sauce save saved saving savings
    saw say saying says scab scabs scam scandal scared scene scheme school schools science
    scientist scotland scottish scran screen script scum search searching season seat second
    seconds secret secretary section sector security see seeing seem seems seen selam self sell
    send sending sense sent sentence separate sept september serious seriously servant service
    services sesh session set setting seven seventeen seventy several severe sewage sex sexist
    shaking shall shame shameful share shared sharing she sheet shelter shift shifts shit shite
    shock shocked shocking shoes shop shopping shops shopworkers should shouldnt shout shouting
    show shown shud shukran shukriya shut shutting sick sickening sickness side sign signal
    signature signed signer significant signing sikh silence silenced silent silly similar simple
    simply since sing single sister sisters site situation six sixteen sixty size skill skills
    skint slag sleep sleeping sleepy slightly slogan slow slower slut smaller smart smartphone
    smell smh smile smoke soc social socialism socialist socialistic socialists socialworker
    society sofa soldier solicitor solid solution solve some some1 somebody somehow someone
    something sometime sometimes somewhere son songs sons soon sooner soonest sore sort sosialaidd
    soul sound sounded sounds sources southern soy soz space spam spare speak speaking special
    specific specifically speech speeches spell spelling spend spending spent spirit split spoke
    sport sports spose spot spouse spread squad squat staff staffing stage stairs stall stalls
    stamp stand standards standing starmer start started starting startup state statement states
    station stations stay staying steal stealing step stepdad stepmum stepped steps steward still
    stole stolen stomach stop stopped stopping stops store stores stormy story straight strange
    stranger streets streic strength stress stressed stressful strict strike strikebreakers striker
    strikers strikes striking strongly struggle stuck student students studied studio study
    studying stuff stupid subject submit subs subscribe subscription subscriptions success
    successfully such suck sucks suffer suffered suffering suggest suggested suggestion suit sum
    sum1 sums sunday supermarket supplies supply support supported supporter supporters supporting
    suppose supposed sure surely surgery surprise surprised survey survive suspended swear switch
    switched swp swyddfa sydd syria system table tables tactics tags take taken takes taking talk
    talking target tax taxes taxi tbc tbd tbf tbh tea teach teacher teachers teaching teams tear
    technology teenage teenager telegram telephone television tell telling temp temporary ten
    tenancy tenant tenants tennis term terminate terms terrible terribly terrified tesekkurler test
    testing tests testun textbook texted texting than thankful thats theatre their them theme
    themselves thence theory therapist therapy therefore theres these they theyre thick thief thin
    thing things think thinking third third-year thirty tho those though thought thousand threat
    threatened three thrilled throat through throw thru thu thur thurs thursday thus tick ticket
    tickets tight tiktok till time times timetable tiny tip tips tired tiring title tmoz tmrw today
    toddler together toilet told toll tomorrow tomoz tonight tonights too took tool top topic
    topics tories torture tory total totally totes touch tough tour tourism toward town towns toxic
    toy track tracking trade trade-union trading tradition traffic tragedy train trained trainee
    trainer training trains tram trans transfer translate translation transphobic trapped trash
    travel travelled travelling treat treated treatment trial tried tries trip trotsky trotskyist
    trotskyists trotskyite trouble troubled truck trucker true truly trust trustee truth try trying
    tssa ttyl tube tue tues tuesday tuition turn turned turquoise tusc tutor tv twat twats tweet
    twelve twenty twice twins twitter two type types typical typing typo ucu ugh ugly uk ukip
    ukraine ultimately umbrella unable unacceptable uncertain uncle undeb underground underpaid
    understaffed understand understanding unemployed unemployment unfair unfortunately unhappy uni
    uniform uninterested union unionise unionised unionist unionists unions unison unit unite
    united unity universal universities university unknown unless unlike unlikely unlucky unsure
    until unusual up upcoming update updates upon upset upstairs urge urgent urgently us usdaw use
    used useful useless user uses usual usually utter utterly vacancy vaccine valid value values
    variety various vegan vegetables vegetarian veggie vehicle venue venues version versus veteran
    victim victims victory video view viewing views village violence violent visit visited visiting
    visitor visitors visits vital vivo voice voicemail voices voluntary volunteer volunteering vote
    voted voter voters voting voucher vs vulnerable wage wages wait waited waiter waiting waitress
    wales walk walked walking wanker wankers wanna want wanted wanting wants war wardens warehouse
    warmest warmongers warn warned warning was washing wasnt waste wasted wasting wat watch watched
    watching water waving way ways we weak wealth wealthy weapons wear wearing weather website wed
    wedding wedi wednesday wee week weekday weekdays weekend weekends weekly weeks weight weird
    weirdly welder welders welfare well-being wen were werent western weve what whatever whats
    whatsapp whatsoever wheelchair when whenever where whereabouts wheres wherever whether which
    while whilst who whole whom whore whos whose why wider wife wifi willing win window wine winner
    winning wiped wire wish wished wishing witam witch without witness wiv wkend wknd woke woman
    women won wonder wondered wondering wonderland wonders wont word words work worked worker
    workers working workload workmate workmates workplace works workshop workshops world worldwide
    worried worry worrying worse worst worth worthwhile wot would wouldnt wound wounded wounds
    wrecked write writer writing wrong wrongly wrote wrtha wrthaf wtf wud wythnos xmas yall yawn
    yay yea year yellow yesterday yet yfory yikes ymuno yolo younger youngest youngster youngsters
    youre yourself youth youve zero zone zoom
    """.split(),  # noqa: SIM905 - a list this long is easier to read as prose
)
"""Keys of words as `words.key` gives them."""
