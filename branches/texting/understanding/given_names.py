"""Common first names of people in Britain, of every origin.

They only weigh: a name that is not here is understood all the same, where its surroundings tell.
Names that are ordinary words too (Will, Mark, Hope) are left out, since "will you" would weigh.
"""

GIVEN_NAMES = frozenset(
    """
    aaliyah aaron abbie abby abdi abdirahman abdirizak abdul abdullah abena abi abigail abiodun abu
    ada adam ade adebayo adele adeola adnan adrian agata agnes agnieszka ahmad ahmed ahmet aidan
    aileen aimee aisha ajay akosua al alan alana alasdair alastair albert alec aled aleksandra
    alesha alex alexa alexander alexandra alf alfie alfred ali alice alicja alina alisha alison
    alistair allan allison alun alyssa amanda amara amarjit amber ameer amelia amelie ami amina
    amir amit amna amrit amy ana anastasia andrea andrei andrew andrius andriy andy aneta aneurin
    angela angelina angharad angie angus anil anisa anita anjali ann anna annabel annalise anne
    annette annie annika anthony anton antonia antonio anwen aoife archie arjun arlene arnold
    arthur asad asha ashleigh ashley ashok asif asma astrid atif audrey ava aya ayaan ayesha ayo
    ayse babatunde baljit balwinder barbara barney barry bartek bashir basil beatrice becca becky
    bella ben benedict benjamin bernadette bernard bernie bert beryl beth bethan bethany betty bev
    beverley bex bianca bilal billie billy blake blessing bob bobbie bobby boris bradley brenda
    brendan brian bridget bronwen bruce bryan bryn bukola burak caitlin callum calum cameron
    camilla candice caoimhe cara carla carlos carly carmel carmen caroline carolyn carrie carys
    cassie cath cathal catherine cathy catrin cem ceri cerys chandra chantal chantelle charlene
    charles charley charlie charlotte cheryl chiara chidi chinedu chioma chipo chloe chris chrissie
    christina christine christopher ciara ciaran claire clara clare claudia clive colette colin
    colleen colm connie connor conor constance corey corinne cormac courtney craig cynthia dai
    daisy damian damien dan dana daniel daniela danielle danny daphne darcy daria darren dave david
    davina dawid deb debbie deborah debra declan deirdre delroy demi denis denise deniz dennis
    denzil derek dermot derrick des desmond dev devon dewi diana diane dianne diego dilys dimitri
    dipesh dmytro dolores dominic dominika don donald donna doreen doris dorothy dot doug dougie
    douglas duncan dwayne dylan eamon eamonn ebony eddie edith edmund edna edward edwin efan efua
    eileen eilidh eirlys elaine eleanor elena eleni eleri eli elif elin eliza elizabeth ella ellen
    ellie elliot elliott elsie elspeth elvan elvis emeka emil emilia emily emir emma emmanuel emre
    emyr ena enid eoin eric erica erin ernest esi esme esra esther ethan ethel euan eunice eva evan
    eve evelyn evie ewa ewan ezra fahad faisal farah farai farhan fatih fatima fatimah fatma fay
    faye felicity felix femi fergus ffion fidel fiona fionn fiza fleur flo folake fran frances
    francesca francis francisco fraser fred freddie freddy freya funmi gabriel gabriela gabriella
    gail gareth gary gavin gaynor gemma geoff geoffrey george georgie georgina gerald geraldine
    gerard gerry gill gillian gina giorgio giovanni gita giulia gladys glen glenda glenn gloria
    glyn glynis gordon graeme graham gregory greta gruff gruffydd guiseppe gurdeep gurpreet gus
    gwen gwenllian gwilym gwyn gwyneth habib hadi hafsa hakan haleema halima hamish hamza hana
    hanif hannah harbir hardeep hari harjit harold harpreet harriet harry harun harvey hasan hassan
    hayden hayley hazel heather hector heidi helen helena henry herbert hermione hibaq hilary hilda
    hodan hollie howard huda hugh hugo hui humza huw hywel iain ian ibrahim idris iestyn ieuan ifan
    ifeoma ifor ifrah ikram ilona imogen imran ina ines inga ingrid ioan iolo iona ira irena irene
    iris iryna isa isaac isabel isabella isabelle isaiah isha ishaan isla ismail isobel ivan ivana
    ivor iwan izzy jacek jack jackie jacob jacqueline jacqui jade jaden jake jakub jama jamal james
    jamie jamil jan jana jane janet janice janine jared jasmin jasmine jason jaspreet jasvinder
    javed javier jayden jayne jaz jean jeanette jed jeff jeffrey jemima jen jenna jennie jennifer
    jenny jeremy jermaine jerome jerry jess jesse jessica jessie jill jillian jim jimmy jing jo
    joan joana joanna joanne joao jodie jody joe joel johann john johnny jon jonah jonas jonathan
    jonny jordan jorge jose josef joseph josephine josh joshua joyce juan juanita judith judy julia
    julian julie juliet julius jun justin justina justyna kadir kai kaitlyn kamal kamil kamran
    karen karim karina karl karol karolina kasia kat kate katerina katherine kathleen kathryn kathy
    katie katrina katy katya kavita kay kaya kayleigh keeley kehinde keir keith kelly kelsey ken
    kenan kenneth kenny kerry kev kevin khadija khalid khalil kieran kieron kim kimberley kiran
    kirsten kirstie kirsty kofi kojo kris krish krishna kristina krzysztof kuba kwabena kwame kwasi
    kwok kyle kylie lara larry lata latisha laura lauren laurence lawrence layla leah leanne leila
    lena lennox leo leon leona leonard leroy lesley leslie lewis lexi leyla liam liban libby lidia
    lila lilian lily linda lindsay lindsey linh lisa liz lizzie lizzy lleucu llew llinos lloyd llyr
    lois lola lorna lorraine lou louis louisa louise luca lucas lucia lucy luis lukasz luke luna
    luther lydia lyn lynda lynette lynn lynne maciej maddie madeleine maeve magda maggie mahmood
    mahmoud mairi maisie malcolm malgorzata malik mandy manjit mansoor marc marcel marcia marcin
    marco marcus marek margaret marge margot maria mariam marian marianne marie marilyn marina
    mario marion marisa marjorie marlon marsha marta martha martin martina martyn marvin mary
    maryam mason mateusz mathew matilda matt matteo matthew maud maureen maurice mavis max maxine
    maya mbali meera megan mehmet mei meinir mel melanie melissa melvin mercedes meryem mia michael
    michaela michal michele michelle mick mickey miguel mike mikey mila mildred millie milo mina
    ming miriam mo mohamed mohammad mohammed mohamud moira molly mona monica monika moses moshe
    muhammad muhammed muna murat murray musa mustafa myfanwy myra nabil nadeem nadia nadine nadiya
    naomi naseem nasir nasra natalia natalie natasha nathan naveed nazia neeta neha neil nell
    nelson nerys nesta nga ngozi nia niall niamh nicholas nick nicki nicky nico nicola nicole nigel
    nikita nikki nina nisha noah noel nora noreen norma norman nosheen nuala obi odette oksana ola
    oleh olena olga olive oliver olivia ollie olu oluwaseun omar omer oonagh orla orlaith osama
    oscar osian osman oswald otis owain owen ozlem pablo paddy padma pam pamela paolo parveen
    patricia patrick patrycja patsy paul paula pauline pavel pawel pearl pedro peggy perry pete
    peter petra phil philip philippa phillip phoebe phyllis piotr pippa pradeep priti pritpal priya
    qasim queenie rabia rachael rachel rachid rae rafael raheem rahul raj raja rajesh ralph rana
    ravi raymond razia rebecca reece reg reggie reginald rehana rekha renata rene reuben rhian
    rhiannon rhodri rhona rhys ria ricardo richard rick ricky rita rob robbie robert roberta
    roberto robin rod roddy roderick rodney roger rohan roisin roland ron ronald ronan ronnie rory
    rosa rosaleen rosalind rosanna rosemary rosie ross roxanne roy ruben rubina rukhsana rupert
    russ russell rutendo ruth ryan saad sabina sabrina sadia sadie saeed saffron safia sagal sahra
    saima saleem sali salim sally salma sam samantha samina samir samira sammy samuel sana sandeep
    sandra sandy sangeeta sanjay sara sarah saskia satnam scarlett scott seamus sean sebastian
    selina selma seren serena seun shabana shabnam shahid shamim shane shanice shannon sharon shaun
    shauna shazia sheena sheila shelley sheree sherry shirley shivani shona shreya siaka sian
    sienna silvia simon simran sinead siobhan sion sioned sipho siu sofia sol solomon sonia sophia
    sophie soraya stacey stan stanley stefan stella steph stephanie stephen stephon steve steven
    stevie stewart stuart sue sukhdev suki suleiman sultan sumaya sunil sunita suresh surinder
    susan susanna susie suzanne suzie sven svetlana syed sylvia tahir taiwo talia tam tamara tamika
    tania tanisha tanya tao tara tariq tasha tatenda tatiana ted tegan temi tendai terence teresa
    teri terri terry tess tessa thabo thandiwe thea thelma theo theodore theresa thomas tia tilly
    tim timothy tina tinashe tobi toby tom tomas tomasz tommy toni tony tosin tracey tracy trevor
    tricia trish tristan tudor tunde tyler tyrone uma umar una usha usman uzma val valerie vanessa
    vaughan vera vernon veronica vic vicki vicky vihaan vijay vik vikram viktor vince vincent viola
    violet vivek vivian vivien waheed wahid walid wally walter waqar wayne wendy wes wesley wilf
    wilfred william winifred winston wojciech xanthe ximena xin yaasmin yara yasin yasmin yasmine
    yaw yemi yetunde yilmaz ying yolanda youssef yuliia yusra yusuf yvette yvonne zac zach zachary
    zack zadie zahid zahra zainab zak zara zayn zeeshan zehra zeinab zelda zeynep zoe zofia zoltan
    zuzanna
    """.split(),  # noqa: SIM905 - a list this long is easier to read as prose
)
"""Keys of names as `words.key` gives them, without accents."""
