"""One gift of £10 and one charge of £8.50, as the usual banks of Britain write them."""


def _file(*lines: str) -> str:
    return "\n".join(lines) + "\n"


NATIONWIDE = _file(
    '"Account Name:","Community ****00000"',
    '"Account Balance:","£1,010.00"',
    '"Available Balance: ","£1,010.00"',
    "",
    '"Date","Transaction type","Description","Paid out","Paid in","Balance"',
    '"20 Nov 2026","Bank credit","S JONES FIGHTING FUND","","£10.00","£1,010.00"',
    '"19 Nov 2026","Charge","COMMISSION","£8.50","","£1,000.00"',
)
BANKS = {
    "Barclays": _file(
        "Number,Date,Account,Amount,Subcategory,Memo",
        " ,20/11/2026,20-00-00 00000000,10.00,Counter Credit,S JONES FIGHTING FUND BGC",
        " ,19/11/2026,20-00-00 00000000,-8.50,Charges,COMMISSION",
    ),
    "Co-operative": _file(
        "Date,Description,Type,Money In,Money Out,Balance",
        "2026-11-20,S JONES FIGHTING FUND,CR,10.00,,1010.00",
        "2026-11-19,COMMISSION,CHG,,8.50,1000.00",
    ),
    "HSBC": _file(
        "Date,Description,Amount,Balance",
        '20/11/2026,S JONES FIGHTING FUND,10.00,"1,010.00"',
        "19/11/2026,COMMISSION,-8.50,1000.00",
    ),
    "Lloyds": _file(
        "Transaction Date,Transaction Type,Sort Code,Account Number,"
        "Transaction Description,Debit Amount,Credit Amount,Balance,",
        "20/11/2026,FPI,'30-00-00,00000000,S JONES FIGHTING FUND,,10.00,1010.00",
        "19/11/2026,PAY,'30-00-00,00000000,COMMISSION,8.50,,1000.00",
    ),
    "Metro": _file(
        "Date,Reference,Transaction Type,Money In,Money Out,Balance",
        "20/11/26,S JONES FIGHTING FUND,Inward Payment,10.00,0.00,1010.00",
        "19/11/26,COMMISSION,Charge,0.00,8.50,1000.00",
    ),
    "Monzo": _file(
        "Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,"
        "Local currency,Notes and #tags,Address,Receipt,Description,Category split,"
        "Money Out,Money In",
        "tx_1,20/11/2026,09:00:00,Faster payment,S JONES,,Income,10.00,GBP,10.00,GBP,"
        "FIGHTING FUND,,,FIGHTING FUND,,,10.00",
        "tx_2,19/11/2026,09:00:00,Charge,COMMISSION,,Fees,-8.50,GBP,-8.50,GBP,,,,,,-8.50,",
    ),
    "Nationwide": NATIONWIDE,
    "NatWest": _file(
        "",
        "Date, Type, Description, Value, Balance, Account Name, Account Number",
        "",
        '20 Nov 2026,BAC,"\'S JONES , FIGHTING FUND",10.00,1010.00,"\'US","\'600000-00000000",',
        '19 Nov 2026,CHG,"\'COMMISSION",-8.50,1000.00,"\'US","\'600000-00000000",',
    ),
    "Starling": _file(
        "Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes",
        "20/11/2026,S JONES,FIGHTING FUND,FASTER PAYMENT,10.00,1010.00,INCOME,",
        "19/11/2026,COMMISSION,,CHARGE,-8.50,1000.00,FEES,",
    ),
    "one with semicolons": _file(
        "Date;Description;Credit;Debit",
        "20-Nov-26;S JONES FIGHTING FUND;10.00;",
        "19-Nov-26;COMMISSION;;8.50",
    ),
}
